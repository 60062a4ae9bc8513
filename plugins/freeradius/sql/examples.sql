-- SPDX-License-Identifier: GPL-2.0-or-later
-- Example questions, for PostgreSQL and SQLite alike, once the migrations have run.

-- who is on a weak SA now
SELECT username, nasipaddress, callingstationid, sabus_suite, sabus_strength FROM sabus_weak_now ORDER BY username;

-- sessions by suite, ever and now
SELECT suite, strength, sessions, now FROM sabus_by_suite ORDER BY sessions DESC;

-- SA losses per day
SELECT day, reason, sessions FROM sabus_sa_losses ORDER BY day, reason;

-- refusals per day and user, and the rule
SELECT day, username, why, attempts FROM sabus_refused ORDER BY day, attempts DESC;

-- who came with a pre-shared key
SELECT DISTINCT username, sabus_ike_identity FROM radacct WHERE sabus_ike_auth LIKE 'psk%' ORDER BY username;

-- how sessions ended
SELECT acctterminatecause, sabus_reason, COUNT(*) FROM radacct WHERE acctstoptime IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC;
