-- A file as version 1 wrote it: paths were a part of the state.
CREATE TABLE drawings (
    drawing INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
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
) STRICT;
CREATE UNIQUE INDEX runs_by_id ON runs (id);
CREATE INDEX runs_by_status ON runs (status, seq);
CREATE INDEX runs_by_sender ON runs (sender) WHERE sender IS NOT NULL;
PRAGMA application_id = 0x666c6f77;
PRAGMA user_version = 1;
INSERT INTO drawings VALUES (1, '{"hash":16066583849613035803,"nodes":[{"id":"n1","label":"Ordered","lane":"Shop","kind":"start","next":[1],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n2","label":"Reserve goods","lane":"Shop","kind":"step","next":[2],"join":null,"undoes":[],"undone_by":4,"rolls_back":false},{"id":"n3","label":"Pay","lane":"Shop","kind":"step","next":[3],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n4","label":"Sold","lane":"Shop","kind":"end","next":[],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n5","label":"Release goods","lane":"Shop","kind":"step","next":[],"join":null,"undoes":[1],"undone_by":null,"rolls_back":true},{"id":"n6","label":"Asked","lane":"Shop","kind":"start","next":[6],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n7","label":"Answer","lane":"Shop","kind":"step","next":[7],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n8","label":"Answered","lane":"Shop","kind":"end","next":[],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n9","label":"Write mail","lane":"Shop","kind":"step","next":[9],"join":null,"undoes":[],"undone_by":null,"rolls_back":false},{"id":"n10","label":"Mail written","lane":"Shop","kind":"end","next":[],"join":null,"undoes":[],"undone_by":null,"rolls_back":false}],"loops":[]}');
INSERT INTO runs VALUES (1, 'sold', NULL, 1, 5, 0, 1767225600000, 1767225601000, '{"id":"sold","hash":16066583849613035803,"told":2,"state":{"places":[{"id":0,"parent":null,"node":3,"nth":1,"attempt":0,"standing":"Over","undoing":null,"passes":[]}],"next_place":1,"ledger":{"owed":[],"aside":[],"entered":1},"visits":{"0":1,"1":1,"2":1,"3":1},"phase":{"Over":{"Completed":3}},"end":3,"faults":[],"detached":false},"contexts":{"0":{"faults":[],"waits":[],"done":["sold/n2/1","sold/n3/1"]}},"path":[{"node":0,"nth":1,"trace":"Passed"},{"node":1,"nth":1,"trace":"Done"},{"node":2,"nth":1,"trace":"Done"},{"node":3,"nth":1,"trace":"Passed"}]}');
INSERT INTO runs VALUES (2, 'stuck', NULL, 1, 0, 0, 1767225600000, 1767225601000, '{"id":"stuck","hash":16066583849613035803,"told":3,"state":{"places":[{"id":0,"parent":null,"node":4,"nth":1,"attempt":1,"standing":"Over","undoing":[1,1],"passes":[]}],"next_place":1,"ledger":{"owed":[],"aside":[{"node":1,"nth":1,"fault":["n5 is out of order"],"entered":0,"undo":1}],"entered":1},"visits":{"0":1,"1":1,"2":1,"4":1},"phase":{"Over":{"Stuck":{"Fault":{"node":2,"nth":1,"fault":["n3 is out of order"]}}}},"end":null,"faults":[{"node":2,"nth":1,"fault":["n3 is out of order"]},{"node":4,"nth":1,"fault":["n5 is out of order"]}],"detached":false},"contexts":{"0":{"faults":["n3","n5"],"waits":[],"done":["stuck/n2/1"]}},"path":[{"node":0,"nth":1,"trace":"Passed"},{"node":1,"nth":1,"trace":"Done"},{"node":2,"nth":1,"trace":"Faulted"},{"node":4,"nth":1,"trace":{"SetAside":{"node":1,"nth":1}}}]}');
INSERT INTO runs VALUES (3, 'paying', NULL, 1, 2, 0, 1767225600000, 1767225601000, '{"id":"paying","hash":16066583849613035803,"told":1,"state":{"places":[{"id":0,"parent":null,"node":2,"nth":1,"attempt":1,"standing":"Begun","undoing":null,"passes":[]}],"next_place":1,"ledger":{"owed":[{"node":1,"nth":1,"fault":null,"entered":0,"undo":null}],"aside":[],"entered":1},"visits":{"0":1,"1":1,"2":1},"phase":"Forward","end":null,"faults":[],"detached":false},"contexts":{"0":{"faults":[],"waits":["n3"],"done":["paying/n2/1"]}},"path":[{"node":0,"nth":1,"trace":"Passed"},{"node":1,"nth":1,"trace":"Done"}]}');
