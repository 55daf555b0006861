-- A file as version 6 wrote it, after a crash: places, standing, told and other names in its texts.
CREATE TABLE drawings (
            drawing INTEGER PRIMARY KEY,
            text TEXT NOT NULL UNIQUE
        , crc BLOB NOT NULL DEFAULT x'') STRICT;
INSERT INTO "drawings" VALUES(1,'{"hash":16066583849613035803,"nodes":[{"id":"n1","label":"Ordered","lane":"Shop","kind":"start","next":[1],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n2","label":"Reserve goods","lane":"Shop","kind":"step","next":[2],"join":null,"undoes":[],"undone_by":4,"rolls_back":false},{"id":"n3","label":"Pay","lane":"Shop","kind":"step","next":[3],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n4","label":"Sold","lane":"Shop","kind":"end","next":[],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n5","label":"Release goods","lane":"Shop","kind":"step","next":[],"join":null,"undoes":[1],"undone_by":null,"rolls_back":true},{"id":"n6","label":"Asked","lane":"Shop","kind":"start","next":[6],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n7","label":"Answer","lane":"Shop","kind":"step","next":[7],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n8","label":"Answered","lane":"Shop","kind":"end","next":[],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n9","label":"Write mail","lane":"Shop","kind":"step","next":[9],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n10","label":"Mail written","lane":"Shop","kind":"end","next":[],"join":null,"undoes":[],"undone_by":null,"rolls_back":false}],"loops":[]}',X'67D848D0');
CREATE TABLE owner (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            epoch INTEGER NOT NULL,
            closed INTEGER NOT NULL
        ) STRICT;
INSERT INTO "owner" VALUES(1,1,0);
CREATE TABLE path (
            run INTEGER NOT NULL,
            first INTEGER NOT NULL,
            walked TEXT NOT NULL, crc BLOB NOT NULL DEFAULT x'',
            PRIMARY KEY (run, first)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE refused (
            run INTEGER PRIMARY KEY,
            reason TEXT NOT NULL
        ) STRICT;
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
        , first INTEGER NOT NULL DEFAULT 0, walked TEXT NOT NULL DEFAULT '', head_crc BLOB NOT NULL DEFAULT x'', crc BLOB NOT NULL DEFAULT x'') STRICT;
INSERT INTO "runs" VALUES(1,'sold',NULL,1,5,0,1796097400829,1796097400832,'{"told":2,"state":{"places":[{"node":3,"attempt":0,"standing":"Over"}],"ledger":{"entered":1},"visits":[0,1,2,3],"phase":{"Over":{"Completed":3}},"end":3},"contexts":{"0":{"faults":[],"waits":[],"done":["sold/n2/1","sold/n3/1"]}}}',0,'[[0,1,"Passed"],[1,1],[2,1],[3,1,"Passed"]]',X'C7C1464A',X'205AC375');
INSERT INTO "runs" VALUES(2,'stuck',NULL,1,0,0,1796097400833,1796097400853,'{"told":3,"state":{"places":[{"node":4,"standing":"Over","undoing":[1,1]}],"ledger":{"aside":[{"node":1,"fault":["n5 is out of order"],"entered":0,"undo":1}],"entered":1},"visits":[0,1,2,4],"phase":{"Over":{"Stuck":{"Fault":{"node":2,"nth":1,"fault":["n3 is out of order"]}}}},"faults":[{"node":2,"nth":1,"fault":["n3 is out of order"]},{"node":4,"nth":1,"fault":["n5 is out of order"]}]},"contexts":{"0":{"faults":["n3","n5"],"waits":[],"done":["stuck/n2/1"]}}}',0,'[[0,1,"Passed"],[1,1],[2,1,"Faulted"],[4,1,{"SetAside":{"node":1,"nth":1}}]]',X'33D64C30',X'7094FC0D');
INSERT INTO "runs" VALUES(3,'waived',NULL,1,4,0,1796097400857,1796097400888,'{"told":3,"state":{"places":[{"node":4,"standing":"Over","undoing":[1,1]}],"ledger":{"entered":1},"visits":[0,1,2,4],"phase":{"Over":{"RolledBack":{"Fault":{"node":2,"nth":1,"fault":["n3 is out of order"]}}}},"faults":[{"node":2,"nth":1,"fault":["n3 is out of order"]},{"node":4,"nth":1,"fault":["n5 is out of order"]}]},"contexts":{"0":{"faults":["n3","n5"],"waits":[],"done":["waived/n2/1"]}}}',0,'[[0,1,"Passed"],[1,1],[2,1,"Faulted"],[4,1,{"SetAside":{"node":1,"nth":1}}],[4,0,{"Waived":{"node":1,"nth":1}}]]',X'E6530A30',X'B3E47173');
INSERT INTO "runs" VALUES(4,'by hand',NULL,1,4,0,1796097400863,1796097400893,'{"told":3,"state":{"places":[{"node":4,"standing":"Over","undoing":[1,1]}],"ledger":{"entered":1},"visits":[0,1,2,4],"phase":{"Over":{"RolledBack":{"Fault":{"node":2,"nth":1,"fault":["n3 is out of order"]}}}},"faults":[{"node":2,"nth":1,"fault":["n3 is out of order"]},{"node":4,"nth":1,"fault":["n5 is out of order"]}]},"contexts":{"0":{"faults":["n3","n5"],"waits":[],"done":["by hand/n2/1"]}}}',0,'[[0,1,"Passed"],[1,1],[2,1,"Faulted"],[4,1,{"SetAside":{"node":1,"nth":1}}],[4,0,{"UndoneByHand":{"node":1,"nth":1}}]]',X'06DCA1DC',X'124A29BE');
INSERT INTO "runs" VALUES(5,'abandoned',NULL,1,6,0,1796097400877,1796097400894,'{"told":3,"state":{"places":[{"node":4,"standing":"Over","undoing":[1,1]}],"ledger":{"aside":[{"node":1,"fault":["n5 is out of order"],"entered":0,"undo":1}],"entered":1},"visits":[0,1,2,4],"phase":{"Over":"Abandoned"},"faults":[{"node":2,"nth":1,"fault":["n3 is out of order"]},{"node":4,"nth":1,"fault":["n5 is out of order"]}]},"contexts":{"0":{"faults":["n3","n5"],"waits":[],"done":["abandoned/n2/1"]}}}',0,'[[0,1,"Passed"],[1,1],[2,1,"Faulted"],[4,1,{"SetAside":{"node":1,"nth":1}}]]',X'D7024A46',X'BD81B331');
INSERT INTO "runs" VALUES(6,'undone',NULL,1,4,0,1796097400897,1796097400902,'{"told":3,"state":{"places":[{"node":4,"standing":"Over","undoing":[1,1]}],"ledger":{"entered":1},"visits":[0,1,2,4],"phase":{"Over":{"RolledBack":{"Fault":{"node":2,"nth":1,"fault":["n3 is out of order"]}}}},"faults":[{"node":2,"nth":1,"fault":["n3 is out of order"]}]},"contexts":{"0":{"faults":["n3"],"waits":[],"done":["undone/n2/1","undone/n5/1"]}}}',0,'[[0,1,"Passed"],[1,1],[2,1,"Faulted"],[4,1,{"Undid":{"node":1,"nth":1}}]]',X'51956E33',X'10562A1B');
INSERT INTO "runs" VALUES(7,'paying',NULL,1,2,0,1796097400905,1796097400906,'{"told":1,"state":{"places":[{"node":2}],"ledger":{"owed":[{"node":1,"entered":0}],"entered":1},"visits":[0,1,2]},"contexts":{"0":{"faults":[],"waits":["n3"],"done":["paying/n2/1"]}}}                                                                                                                    ',0,'[[0,1,"Passed"],[1,1]]',X'8BFDB633',X'83AAB50F');
INSERT INTO "runs" VALUES(8,'releasing',NULL,1,1,0,1796097400908,1796097400917,'{"told":2,"state":{"places":[{"node":4,"undoing":[1,1]}],"ledger":{"owed":[{"node":1,"entered":0}],"entered":1},"visits":[0,1,2,4],"phase":{"LastFirst":{"cause":{"Fault":{"node":2,"nth":1,"fault":["n3 is out of order"]}}}},"faults":[{"node":2,"nth":1,"fault":["n3 is out of order"]}]},"contexts":{"0":{"faults":["n3"],"waits":["n5"],"done":["releasing/n2/1"]}}}                                                                                                                                                                                                ',0,'[[0,1,"Passed"],[1,1],[2,1,"Faulted"]]',X'6E869644',X'DECDA6A8');
INSERT INTO "runs" VALUES(9,'cancelled',NULL,1,2,1,1796097400918,1796097400918,'{"told":1,"state":{"places":[{"node":2}],"ledger":{"owed":[{"node":1,"entered":0}],"entered":1},"visits":[0,1,2]},"contexts":{"0":{"faults":[],"waits":["n3"],"done":["cancelled/n2/1"]}}}                                                                                                                 ',0,'[[0,1,"Passed"],[1,1]]',X'5FA92A5A',X'23D080DC');
CREATE UNIQUE INDEX runs_by_id ON runs (id);
CREATE INDEX runs_by_sender ON runs (sender) WHERE sender IS NOT NULL;
CREATE INDEX runs_by_status ON runs (status, seq) WHERE status <> 5;
PRAGMA application_id = 0x666c6f77;
PRAGMA user_version = 6;
