-- SPDX-License-Identifier: GPL-2.0-or-later
-- Migration 1, PostgreSQL: our columns of FreeRADIUS' own tables.  Run it as often as you like: psql -v ON_ERROR_STOP=1 -f FILE DATABASE
BEGIN;
CREATE TABLE IF NOT EXISTS sabus_schema (version integer PRIMARY KEY);
ALTER TABLE radacct
	ADD COLUMN IF NOT EXISTS sabus_protected text,
	ADD COLUMN IF NOT EXISTS sabus_suite text,
	ADD COLUMN IF NOT EXISTS sabus_key_bits bigint,
	ADD COLUMN IF NOT EXISTS sabus_integrity text,
	ADD COLUMN IF NOT EXISTS sabus_mode text,
	ADD COLUMN IF NOT EXISTS sabus_nat_t text,
	ADD COLUMN IF NOT EXISTS sabus_ipcomp text,
	ADD COLUMN IF NOT EXISTS sabus_ike_version text,
	ADD COLUMN IF NOT EXISTS sabus_ike_identity text,
	ADD COLUMN IF NOT EXISTS sabus_ike_auth text,
	ADD COLUMN IF NOT EXISTS sabus_eap_identity text,
	ADD COLUMN IF NOT EXISTS sabus_spi_in bigint,
	ADD COLUMN IF NOT EXISTS sabus_spi_out bigint,
	ADD COLUMN IF NOT EXISTS sabus_mppe text,
	ADD COLUMN IF NOT EXISTS sabus_ccp text,
	ADD COLUMN IF NOT EXISTS sabus_mtu bigint,
	ADD COLUMN IF NOT EXISTS sabus_reason text,
	ADD COLUMN IF NOT EXISTS sabus_strength text;
ALTER TABLE radpostauth
	ADD COLUMN IF NOT EXISTS sabus_verdict text,
	ADD COLUMN IF NOT EXISTS sabus_protected text,
	ADD COLUMN IF NOT EXISTS sabus_suite text,
	ADD COLUMN IF NOT EXISTS sabus_key_bits bigint,
	ADD COLUMN IF NOT EXISTS sabus_integrity text,
	ADD COLUMN IF NOT EXISTS sabus_mode text,
	ADD COLUMN IF NOT EXISTS sabus_nat_t text,
	ADD COLUMN IF NOT EXISTS sabus_ipcomp text,
	ADD COLUMN IF NOT EXISTS sabus_ike_version text,
	ADD COLUMN IF NOT EXISTS sabus_ike_identity text,
	ADD COLUMN IF NOT EXISTS sabus_ike_auth text,
	ADD COLUMN IF NOT EXISTS sabus_eap_identity text,
	ADD COLUMN IF NOT EXISTS sabus_spi_in bigint,
	ADD COLUMN IF NOT EXISTS sabus_spi_out bigint,
	ADD COLUMN IF NOT EXISTS sabus_mppe text,
	ADD COLUMN IF NOT EXISTS sabus_ccp text,
	ADD COLUMN IF NOT EXISTS sabus_mtu bigint,
	ADD COLUMN IF NOT EXISTS sabus_reason text,
	ADD COLUMN IF NOT EXISTS sabus_strength text;
-- who is on now, and what ended: small beside the whole table
CREATE INDEX IF NOT EXISTS radacct_sabus_now_idx ON radacct (sabus_strength) WHERE acctstoptime IS NULL;
CREATE INDEX IF NOT EXISTS radacct_sabus_reason_idx ON radacct (sabus_reason, acctstoptime);
INSERT INTO sabus_schema VALUES (1) ON CONFLICT DO NOTHING;
COMMIT;
