-- SPDX-License-Identifier: GPL-2.0-or-later
-- Migration 2, PostgreSQL: the questions that are asked most, as views.
BEGIN;
-- who is on: a session without a Stop
CREATE OR REPLACE VIEW sabus_now AS
	SELECT radacctid, username, nasipaddress, callingstationid, acctstarttime, acctupdatetime,
		sabus_protected, sabus_strength, sabus_suite, sabus_mppe, sabus_ike_auth, sabus_ike_identity, sabus_mtu
	FROM radacct WHERE acctstoptime IS NULL;
-- who is on a weak SA now, or on none.  MPPE is RC4: it makes no link strong.
CREATE OR REPLACE VIEW sabus_weak_now AS
	SELECT * FROM sabus_now
	WHERE sabus_strength IS NULL OR sabus_strength IN ('Broken', 'Legacy') OR sabus_protected IS DISTINCT FROM 'Confidential';
CREATE OR REPLACE VIEW sabus_by_suite AS
	SELECT COALESCE(sabus_suite, 'none') AS suite, sabus_strength AS strength, COUNT(*) AS sessions,
		COUNT(*) FILTER (WHERE acctstoptime IS NULL) AS now
	FROM radacct GROUP BY 1, 2;
-- sessions that ended because of their SA
CREATE OR REPLACE VIEW sabus_sa_losses AS
	SELECT acctstoptime::date AS day, sabus_reason AS reason, COUNT(*) AS sessions
	FROM radacct
	WHERE acctstoptime IS NOT NULL AND sabus_reason IN ('sa-gone', 'sa-weakened', 'sa-moved')
	GROUP BY 1, 2;
CREATE OR REPLACE VIEW sabus_refused AS
	SELECT authdate::date AS day, username, COALESCE(sabus_verdict, 'password') AS why, COUNT(*) AS attempts
	FROM radpostauth WHERE reply = 'Access-Reject' GROUP BY 1, 2, 3;
INSERT INTO sabus_schema VALUES (2) ON CONFLICT DO NOTHING;
COMMIT;
