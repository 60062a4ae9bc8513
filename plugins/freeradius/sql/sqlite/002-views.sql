-- SPDX-License-Identifier: GPL-2.0-or-later
-- Migration 2, SQLite: the questions that are asked most, as views.  Times are seconds since 1970, as FreeRADIUS' own queries for SQLite store them.
CREATE VIEW IF NOT EXISTS sabus_now AS
	SELECT radacctid, username, nasipaddress, callingstationid, datetime(acctstarttime, 'unixepoch') AS acctstarttime,
		datetime(acctupdatetime, 'unixepoch') AS acctupdatetime,
		sabus_protected, sabus_strength, sabus_suite, sabus_mppe, sabus_ike_auth, sabus_ike_identity, sabus_mtu
	FROM radacct WHERE acctstoptime IS NULL;
CREATE VIEW IF NOT EXISTS sabus_weak_now AS
	SELECT * FROM sabus_now
	WHERE sabus_strength IS NULL OR sabus_strength IN ('Broken', 'Legacy') OR sabus_protected IS NULL OR sabus_protected <> 'Confidential';
CREATE VIEW IF NOT EXISTS sabus_by_suite AS
	SELECT COALESCE(sabus_suite, 'none') AS suite, sabus_strength AS strength, COUNT(*) AS sessions,
		SUM(acctstoptime IS NULL) AS now
	FROM radacct GROUP BY 1, 2;
CREATE VIEW IF NOT EXISTS sabus_sa_losses AS
	SELECT date(acctstoptime, 'unixepoch') AS day, sabus_reason AS reason, COUNT(*) AS sessions
	FROM radacct
	WHERE acctstoptime IS NOT NULL AND sabus_reason IN ('sa-gone', 'sa-weakened', 'sa-moved')
	GROUP BY 1, 2;
CREATE VIEW IF NOT EXISTS sabus_refused AS
	SELECT substr(authdate, 1, 10) AS day, username, COALESCE(sabus_verdict, 'password') AS why, COUNT(*) AS attempts
	FROM radpostauth WHERE reply = 'Access-Reject' GROUP BY 1, 2, 3;
INSERT OR IGNORE INTO sabus_schema VALUES (2);
