-- As long as anything reads an older snapshot (a check, a backup, a report), no version of a row may
-- go, and a wallet has a new one with each batch of its customer's orders. With room in the page
-- most of them need no entry of an index, and are found by one. Pages fill up with new rows to a
-- quarter, so what is there moves over as it is changed.
alter table wallets set (fillfactor = 25);
alter table order_versions set (fillfactor = 25);
