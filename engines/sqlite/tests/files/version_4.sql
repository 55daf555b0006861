-- A file as version 4 wrote it: rows had no checksums, and the file no owner.
CREATE TABLE drawings (
            drawing INTEGER PRIMARY KEY,
            text TEXT NOT NULL UNIQUE
        ) STRICT;
INSERT INTO "drawings" VALUES(1,'{"hash":16066583849613035803,"nodes":[{"id":"n1","label":"Ordered","lane":"Shop","kind":"start","next":[1],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n2","label":"Reserve goods","lane":"Shop","kind":"step","next":[2],"join":null,"undoes":[],"undone_by":4,"rolls_back":false},{"id":"n3","label":"Pay","lane":"Shop","kind":"step","next":[3],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n4","label":"Sold","lane":"Shop","kind":"end","next":[],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n5","label":"Release goods","lane":"Shop","kind":"step","next":[],"join":null,"undoes":[1],"undone_by":null,"rolls_back":true},{"id":"n6","label":"Asked","lane":"Shop","kind":"start","next":[6],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n7","label":"Answer","lane":"Shop","kind":"step","next":[7],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n8","label":"Answered","lane":"Shop","kind":"end","next":[],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n9","label":"Write mail","lane":"Shop","kind":"step","next":[9],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n10","label":"Mail written","lane":"Shop","kind":"end","next":[],"join":null,"undoes":[],"undone_by":null,"rolls_back":false}],"loops":[]}');
CREATE TABLE path (
            run INTEGER NOT NULL,
            first INTEGER NOT NULL,
            walked TEXT NOT NULL,
            PRIMARY KEY (run, first)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE runs (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            sender TEXT,
            drawing INTEGER NOT NULL REFERENCES drawings,
            status INTEGER NOT NULL,
            cancelled INTEGER NOT NULL DEFAULT 0,
            started INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            state TEXT NOT NULL
        , first INTEGER NOT NULL DEFAULT 0, walked TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "runs" VALUES(1,'sold',NULL,1,5,0,1796084824070,1796084824071,'{"told":2,"state":{"places":[{"node":3,"attempt":0,"standing":"Over"}],"ledger":{"entered":1},"visits":[0,1,2,3],"phase":{"Over":{"Completed":3}},"end":3},"contexts":{"0":{"faults":[],"waits":[],"done":["sold/n2/1","sold/n3/1"]}}}',0,'[[0,1,"Passed"],[1,1],[2,1],[3,1,"Passed"]]');
INSERT INTO "runs" VALUES(2,'stuck',NULL,1,0,0,1796084824071,1796084824073,'{"told":3,"state":{"places":[{"node":4,"standing":"Over","undoing":[1,1]}],"ledger":{"aside":[{"node":1,"fault":["n5 is out of order"],"entered":0,"undo":1}],"entered":1},"visits":[0,1,2,4],"phase":{"Over":{"Stuck":{"Fault":{"node":2,"nth":1,"fault":["n3 is out of order"]}}}},"faults":[{"node":2,"nth":1,"fault":["n3 is out of order"]},{"node":4,"nth":1,"fault":["n5 is out of order"]}]},"contexts":{"0":{"faults":["n3","n5"],"waits":[],"done":["stuck/n2/1"]}}}',0,'[[0,1,"Passed"],[1,1],[2,1,"Faulted"],[4,1,{"SetAside":{"node":1,"nth":1}}]]');
INSERT INTO "runs" VALUES(3,'paying',NULL,1,2,0,1796084824074,1796084824075,'{"told":1,"state":{"places":[{"node":2}],"ledger":{"owed":[{"node":1,"entered":0}],"entered":1},"visits":[0,1,2]},"contexts":{"0":{"faults":[],"waits":["n3"],"done":["paying/n2/1"]}}}                                                                                                                    ',0,'[[0,1,"Passed"],[1,1]]');
CREATE UNIQUE INDEX runs_by_id ON runs (id);
CREATE INDEX runs_by_sender ON runs (sender) WHERE sender IS NOT NULL;
CREATE INDEX runs_by_status ON runs (status, seq) WHERE status < 5;
PRAGMA application_id = 0x666c6f77;
PRAGMA user_version = 4;
