// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tables of the wire format: attribute number, name, member, range.
 *
 * Order and numbers come from codec.h and proto.h.  Ranges are those of the enumerations in sa.h, session.h and sabus.h: a value
 * that this version does not know cannot be judged, so it is refused, not passed on.
 */
#include "codec_schema.h"

#define NUM(width, type, member, text) .name = (text), .kind = FIELD_U##width, .offset = offsetof(type, member)
#define STRING(type, member, text)     .name = (text), .kind = FIELD_STR, .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define ADDRESS(type, member, text)    .name = (text), .kind = FIELD_ADDR, .offset = offsetof(type, member)
#define COUNT_OF(a)		       (sizeof(a) / sizeof((a)[0]))

_Static_assert(sizeof(enum sabus_sa_state) == 4, "enums travel as u32");

#define TS(width, member, text) NUM(width, struct sabus_ts_pair, member, text)

static const struct sabus_field ts_fields[] = {
	[SABUS_TS_A_LOCAL_FROM] = { ADDRESS(struct sabus_ts_pair, local.from, "LOCAL_FROM") },
	[SABUS_TS_A_LOCAL_TO] = { ADDRESS(struct sabus_ts_pair, local.to, "LOCAL_TO") },
	[SABUS_TS_A_LOCAL_PORT_FROM] = { TS(16, local.port_from, "LOCAL_PORT_FROM") },
	[SABUS_TS_A_LOCAL_PORT_TO] = { TS(16, local.port_to, "LOCAL_PORT_TO") },
	[SABUS_TS_A_LOCAL_PROTO] = { TS(8, local.proto, "LOCAL_PROTO") },
	[SABUS_TS_A_REMOTE_FROM] = { ADDRESS(struct sabus_ts_pair, remote.from, "REMOTE_FROM") },
	[SABUS_TS_A_REMOTE_TO] = { ADDRESS(struct sabus_ts_pair, remote.to, "REMOTE_TO") },
	[SABUS_TS_A_REMOTE_PORT_FROM] = { TS(16, remote.port_from, "REMOTE_PORT_FROM") },
	[SABUS_TS_A_REMOTE_PORT_TO] = { TS(16, remote.port_to, "REMOTE_PORT_TO") },
	[SABUS_TS_A_REMOTE_PROTO] = { TS(8, remote.proto, "REMOTE_PROTO") },
};

static const struct sabus_schema schema_ts = { "SA.TS", COUNT_OF(ts_fields), ts_fields };

#define SA(width, member, text) NUM(width, struct sabus_sa, member, text)
#define SA_STRING(member, text) STRING(struct sabus_sa, member, text)

static const struct sabus_field sa_fields[] = {
	[SABUS_SA_A_ID] = { SA(32, id, "ID"), .must = true, .nonzero = true },
	[SABUS_SA_A_IKE_ID] = { SA(32, ike_id, "IKE_ID") },
	[SABUS_SA_A_REPLACES] = { SA(32, replaces, "REPLACES") },
	[SABUS_SA_A_STATE] = { SA(32, state, "STATE"), .max = SABUS_SA_REKEYED },
	[SABUS_SA_A_FLAGS] = { SA(32, flags, "FLAGS") },
	[SABUS_SA_A_NAME] = { SA_STRING(name, "NAME") },
	[SABUS_SA_A_IKE_NAME] = { SA_STRING(ike_name, "IKE_NAME") },
	[SABUS_SA_A_IKE_VERSION] = { SA(8, ike_version, "IKE_VERSION"), .min = 1, .max = 2 },
	[SABUS_SA_A_PROTO] = { SA(8, proto, "PROTO"), .min = SABUS_PROTO_ESP, .max = SABUS_PROTO_AH },
	[SABUS_SA_A_MODE] = { SA(8, mode, "MODE"), .min = SABUS_MODE_TRANSPORT, .max = SABUS_MODE_BEET },
	[SABUS_SA_A_ENCR] = { SA(16, encr, "ENCR") },
	[SABUS_SA_A_ENCR_BITS] = { SA(16, encr_bits, "ENCR_BITS") },
	[SABUS_SA_A_INTEG] = { SA(16, integ, "INTEG") },
	[SABUS_SA_A_REPLAY_WINDOW] = { SA(16, replay_window, "REPLAY_WINDOW") },
	[SABUS_SA_A_SPI_IN] = { SA(32, spi_in, "SPI_IN") },
	[SABUS_SA_A_SPI_OUT] = { SA(32, spi_out, "SPI_OUT") },
	[SABUS_SA_A_CPI_IN] = { SA(16, cpi_in, "CPI_IN") },
	[SABUS_SA_A_CPI_OUT] = { SA(16, cpi_out, "CPI_OUT") },
	[SABUS_SA_A_REQID] = { SA(32, reqid, "REQID") },
	[SABUS_SA_A_IF_ID_IN] = { SA(32, if_id_in, "IF_ID_IN") },
	[SABUS_SA_A_IF_ID_OUT] = { SA(32, if_id_out, "IF_ID_OUT") },
	[SABUS_SA_A_MARK_IN] = { SA(32, mark_in.value, "MARK_IN") },
	[SABUS_SA_A_MARK_IN_MASK] = { SA(32, mark_in.mask, "MARK_IN_MASK") },
	[SABUS_SA_A_MARK_OUT] = { SA(32, mark_out.value, "MARK_OUT") },
	[SABUS_SA_A_MARK_OUT_MASK] = { SA(32, mark_out.mask, "MARK_OUT_MASK") },
	[SABUS_SA_A_SET_MARK_IN] = { SA(32, set_mark_in.value, "SET_MARK_IN") },
	[SABUS_SA_A_SET_MARK_IN_MASK] = { SA(32, set_mark_in.mask, "SET_MARK_IN_MASK") },
	[SABUS_SA_A_LOCAL_ADDR] = { ADDRESS(struct sabus_sa, local.addr, "LOCAL_ADDR") },
	[SABUS_SA_A_LOCAL_PORT] = { SA(16, local.port, "LOCAL_PORT") },
	[SABUS_SA_A_REMOTE_ADDR] = { ADDRESS(struct sabus_sa, remote.addr, "REMOTE_ADDR") },
	[SABUS_SA_A_REMOTE_PORT] = { SA(16, remote.port, "REMOTE_PORT") },
	[SABUS_SA_A_TS_DROPPED] = { SA(8, ts_dropped, "TS_DROPPED") },
	[SABUS_SA_A_TS] = { .name = "TS",
			    .kind = FIELD_LIST,
			    .offset = offsetof(struct sabus_sa, ts),
			    .size = sizeof(struct sabus_ts_pair),
			    .limit = SABUS_TS_MAX,
			    .count_offset = offsetof(struct sabus_sa, n_ts),
			    .sub = &schema_ts },
	[SABUS_SA_A_ID_LOCAL] = { SA_STRING(id_local, "ID_LOCAL") },
	[SABUS_SA_A_ID_REMOTE] = { SA_STRING(id_remote, "ID_REMOTE") },
	[SABUS_SA_A_ID_EAP] = { SA_STRING(id_eap, "ID_EAP") },
	[SABUS_SA_A_AUTH] = { SA_STRING(auth, "AUTH") },
	[SABUS_SA_A_INSTALLED] = { SA(64, installed, "INSTALLED") },
	[SABUS_SA_A_REKEY_AT] = { SA(64, rekey_at, "REKEY_AT") },
	[SABUS_SA_A_EXPIRES_AT] = { SA(64, expires_at, "EXPIRES_AT") },
};

const struct sabus_schema sabus_schema_sa = { "SA", COUNT_OF(sa_fields), sa_fields };

static const struct sabus_field flow_fields[] = {
	[SABUS_F_LOCAL_ADDR] = { ADDRESS(struct sabus_flow, local.addr, "LOCAL_ADDR") },
	[SABUS_F_LOCAL_PORT] = { NUM(16, struct sabus_flow, local.port, "LOCAL_PORT") },
	[SABUS_F_REMOTE_ADDR] = { ADDRESS(struct sabus_flow, remote.addr, "REMOTE_ADDR") },
	[SABUS_F_REMOTE_PORT] = { NUM(16, struct sabus_flow, remote.port, "REMOTE_PORT") },
	[SABUS_F_MARK] = { NUM(32, struct sabus_flow, mark, "MARK") },
};

const struct sabus_schema sabus_schema_flow = { "FLOW", COUNT_OF(flow_fields), flow_fields };

#define SESSION(width, member, text) NUM(width, struct sabus_session, member, text)
#define SESSION_STRING(member, text) STRING(struct sabus_session, member, text)

static const struct sabus_field session_fields[] = {
	[SABUS_S_PID] = { SESSION(32, pid, "PID") },
	[SABUS_S_ROLE] = { SESSION(8, role, "ROLE"), .max = 1 },
	[SABUS_S_UP] = { SESSION(8, up, "UP"), .max = 1 },
	[SABUS_S_IFNAME] = { SESSION_STRING(ifname, "IFNAME") },
	[SABUS_S_USER] = { SESSION_STRING(user, "USER") },
	[SABUS_S_FLOW] = { .name = "FLOW",
			   .kind = FIELD_NEST,
			   .offset = offsetof(struct sabus_session, flow),
			   .size = sizeof(struct sabus_flow),
			   .sub = &sabus_schema_flow },
	[SABUS_S_TUNNEL_ID] = { SESSION(16, tunnel_id, "TUNNEL_ID") },
	[SABUS_S_SESSION_ID] = { SESSION(16, session_id, "SESSION_ID") },
	[SABUS_S_PEER_TUNNEL_ID] = { SESSION(16, peer_tunnel_id, "PEER_TUNNEL_ID") },
	[SABUS_S_PEER_SESSION_ID] = { SESSION(16, peer_session_id, "PEER_SESSION_ID") },
	[SABUS_S_SA_ID] = { SESSION(32, sa_id, "SA_ID") },
	[SABUS_S_SPI_IN] = { SESSION(32, spi_in, "SPI_IN") },
	[SABUS_S_SPI_OUT] = { SESSION(32, spi_out, "SPI_OUT") },
	[SABUS_S_REASON] = { SESSION_STRING(reason, "REASON") },
	[SABUS_S_MPPE] = { SESSION_STRING(mppe, "MPPE") },
	[SABUS_S_CCP] = { SESSION_STRING(ccp, "CCP") },
	[SABUS_S_ECP] = { SESSION_STRING(ecp, "ECP") },
	[SABUS_S_MTU] = { SESSION(16, mtu, "MTU") },
	[SABUS_S_MRU] = { SESSION(16, mru, "MRU") },
	[SABUS_S_MTU_SUM] = { SESSION_STRING(mtu_sum, "MTU_SUM") },
	[SABUS_S_SINCE] = { SESSION(64, since, "SINCE") },
	[SABUS_S_ACCT_ID] = { SESSION_STRING(acct_id, "ACCT_ID") },
	[SABUS_S_ADDRESS] = { ADDRESS(struct sabus_session, address, "ADDRESS") },
};

const struct sabus_schema sabus_schema_session = { "SESSION", COUNT_OF(session_fields), session_fields };

#define TUNNEL(width, member, text) NUM(width, struct sabus_tunnel_info, member, text)
#define TUNNEL_STRING(member, text) STRING(struct sabus_tunnel_info, member, text)

static const struct sabus_field tunnel_fields[] = {
	[SABUS_T_PID] = { TUNNEL(32, pid, "PID") },
	[SABUS_T_ROLE] = { TUNNEL(8, role, "ROLE"), .max = 1 },
	[SABUS_T_STATE] = { TUNNEL(8, state, "STATE"), .min = SABUS_TSTATE_ASKED, .max = SABUS_TSTATE_ENDING },
	[SABUS_T_FLOW] = { .name = "FLOW",
			   .kind = FIELD_NEST,
			   .offset = offsetof(struct sabus_tunnel_info, flow),
			   .size = sizeof(struct sabus_flow),
			   .sub = &sabus_schema_flow },
	[SABUS_T_TUNNEL_ID] = { TUNNEL(16, tunnel_id, "TUNNEL_ID"), .must = true, .nonzero = true },
	[SABUS_T_PEER_TUNNEL_ID] = { TUNNEL(16, peer_tunnel_id, "PEER_TUNNEL_ID") },
	[SABUS_T_SA_ID] = { TUNNEL(32, sa_id, "SA_ID") },
	[SABUS_T_PEER_HOST] = { TUNNEL_STRING(peer_host, "PEER_HOST") },
	[SABUS_T_SECTION] = { TUNNEL_STRING(section, "SECTION") },
	[SABUS_T_REASON] = { TUNNEL_STRING(reason, "REASON") },
	[SABUS_T_CALLS] = { TUNNEL(32, calls, "CALLS") },
	[SABUS_T_SINCE] = { TUNNEL(64, since, "SINCE") },
};

const struct sabus_schema sabus_schema_tunnel = { "TUNNEL", COUNT_OF(tunnel_fields), tunnel_fields };

#define CALL(width, member, text) NUM(width, struct sabus_call_info, member, text)
#define CALL_STRING(member, text) STRING(struct sabus_call_info, member, text)

static const struct sabus_field call_fields[] = {
	[SABUS_C_PID] = { CALL(32, pid, "PID") },
	[SABUS_C_PPPD_PID] = { CALL(32, pppd_pid, "PPPD_PID") },
	[SABUS_C_TUNNEL_ID] = { CALL(16, tunnel_id, "TUNNEL_ID"), .must = true, .nonzero = true },
	[SABUS_C_CALL_ID] = { CALL(16, call_id, "CALL_ID"), .must = true, .nonzero = true },
	[SABUS_C_PEER_CALL_ID] = { CALL(16, peer_call_id, "PEER_CALL_ID") },
	[SABUS_C_UP] = { CALL(8, up, "UP"), .max = 1 },
	[SABUS_C_SERIAL] = { CALL(32, serial, "SERIAL") },
	[SABUS_C_CALLING] = { CALL_STRING(calling, "CALLING") },
	[SABUS_C_CALLED] = { CALL_STRING(called, "CALLED") },
	[SABUS_C_SINCE] = { CALL(64, since, "SINCE") },
};

const struct sabus_schema sabus_schema_call = { "CALL", COUNT_OF(call_fields), call_fields };

#define REPLY(member, text) NUM(32, struct sabus_reply, member, text)

/* No ranges: reply.h says what comes of a number that no enum has, and the strictest of the attribute is for the session to choose. */
static const struct sabus_field reply_fields[] = {
	[SABUS_R_A_HAS] = { REPLY(has, "HAS") },
	[SABUS_R_A_ENCRYPTION] = { REPLY(encryption, "ENCRYPTION") },
	[SABUS_R_A_MS_POLICY] = { REPLY(ms_policy, "MS_POLICY") },
	[SABUS_R_A_MS_TYPES] = { REPLY(ms_types, "MS_TYPES") },
	[SABUS_R_A_MANDATE] = { REPLY(mandate, "MANDATE") },
	[SABUS_R_A_MIN_STRENGTH] = { REPLY(min_strength, "MIN_STRENGTH") },
	[SABUS_R_A_MTU_CAP] = { REPLY(mtu_cap, "MTU_CAP") },
	[SABUS_R_A_FRAMED_MTU] = { REPLY(framed_mtu, "FRAMED_MTU") },
	[SABUS_R_A_SESSION_TIMEOUT] = { REPLY(session_timeout, "SESSION_TIMEOUT") },
	[SABUS_R_A_IDLE_TIMEOUT] = { REPLY(idle_timeout, "IDLE_TIMEOUT") },
	[SABUS_R_A_INTERIM] = { REPLY(interim, "INTERIM") },
	[SABUS_R_A_FILTER_ID] = { STRING(struct sabus_reply, filter_id, "FILTER_ID") },
	[SABUS_R_A_IDENTITY] = { .name = "IDENTITY",
				 .kind = FIELD_STR_LIST,
				 .offset = offsetof(struct sabus_reply, identities),
				 .size = sizeof(((struct sabus_reply *)0)->identities[0]),
				 .limit = SABUS_REPLY_IDS,
				 .count_offset = offsetof(struct sabus_reply, n_identities) },
};

const struct sabus_schema sabus_schema_reply = { "REPLY", COUNT_OF(reply_fields), reply_fields };

/* A STAT nest uses the message's own numbers, see proto.h. */
static const struct sabus_field stat_fields[] = {
	[SABUS_A_NAME] = { STRING(struct sabus_stat, name, "NAME"), .must = true },
	[SABUS_A_VALUE] = { NUM(64, struct sabus_stat, value, "VALUE"), .must = true },
};

const struct sabus_schema sabus_schema_stat = { "STAT", COUNT_OF(stat_fields), stat_fields };

#define MSG(width, member, text)	 NUM(width, struct sabus_msg_view, member, text)
#define MSG_REF(k, member, text, length) .name = (text), .kind = (k), .offset = offsetof(struct sabus_msg_view, member), .size = (length)
#define MSG_REFS(array, counter, text, most)                                                                                               \
	.name = (text), .kind = FIELD_NEST_REFS, .offset = offsetof(struct sabus_msg_view, array),                                         \
	.count_offset = offsetof(struct sabus_msg_view, counter), .limit = (most)

static const struct sabus_field msg_fields[] = {
	[SABUS_A_VERSION] = { MSG(32, version, "VERSION") },
	[SABUS_A_NAME] = { MSG_REF(FIELD_STR_REF, name, "NAME", SABUS_CODEC_CONN_MAX) },
	[SABUS_A_EPOCH] = { MSG(64, epoch, "EPOCH") },
	[SABUS_A_REVISION] = { MSG(64, revision, "REVISION") },
	[SABUS_A_ERRNO] = { MSG(32, error, "ERRNO"), .min = 1, .max = 4095 }, /* 0 only in RESULT */
	[SABUS_A_ERRTEXT] = { MSG_REF(FIELD_STR_REF, text, "ERRTEXT", SABUS_CODEC_TEXT_MAX) },
	[SABUS_A_ANSWER] = { MSG(32, answer, "ANSWER"), .max = SABUS_PRESENT },
	[SABUS_A_TRUNCATED] = { MSG_REF(FIELD_FLAG, truncated, "TRUNCATED", 0) },
	[SABUS_A_SA] = { MSG_REFS(sas, n_sas, "SA", SABUS_ANSWER_MAX) },
	[SABUS_A_SA_ID] = { MSG(32, sa_id, "SA_ID"), .nonzero = true },
	[SABUS_A_CAUSE] = { MSG(32, cause, "CAUSE"), .nonzero = true, .min = SABUS_CAUSE_DELETED, .max = SABUS_CAUSE_PUBLISHER_LOST },
	[SABUS_A_FLOW] = { .name = "FLOW", .kind = FIELD_NEST, .offset = offsetof(struct sabus_msg_view, flow), .sub = &sabus_schema_flow },
	[SABUS_A_SESSION] = { MSG_REF(FIELD_NEST_REF, session, "SESSION", 0) },
	[SABUS_A_SESSION_ID] = { MSG(32, session_id, "SESSION_ID"), .nonzero = true },
	[SABUS_A_SESSIONS] = { MSG_REF(FIELD_FLAG, sessions, "SESSIONS", 0) },
	[SABUS_A_PUBLISHER_STATE] = { MSG(32, publisher, "PUBLISHER_STATE"), .max = SABUS_PUB_SYNCED },
	[SABUS_A_STAT] = { MSG_REFS(stats, n_stats, "STAT", SABUS_STATS_MAX) },
	[SABUS_A_VALUE] = { .kind = FIELD_NONE },
	[SABUS_A_OP] = { MSG(32, op, "OP"), .nonzero = true, .min = SABUS_OP_DELETE, .max = SABUS_OP_CHANGE },
	[SABUS_A_TUNNEL] = { MSG_REF(FIELD_NEST_REF, tunnel, "TUNNEL", 0) },
	[SABUS_A_CALL] = { MSG_REF(FIELD_NEST_REF, call, "CALL", 0) },
	[SABUS_A_REPLY] = { MSG_REF(FIELD_NEST_REF, reply, "REPLY", 0) },
	[SABUS_A_OPS] = { MSG(32, ops, "OPS") },
	[SABUS_A_IKE_FAILURE] = { MSG(32, ike_failure, "IKE_FAILURE") }, /* no range: it judges nothing */
	[SABUS_A_FAILED_AGO] = { MSG(32, failed_ago, "FAILED_AGO") },
};

const struct sabus_schema sabus_schema_msg = { NULL, COUNT_OF(msg_fields), msg_fields };

_Static_assert(COUNT_OF(sa_fields) <= 64 && COUNT_OF(msg_fields) <= 64 && COUNT_OF(session_fields) <= 64, "`seen` has 64 bits");

#define BIT(attr) (UINT64_C(1) << (attr))

static const struct sabus_msg_rule rules[] = {
	{ "HELLO", BIT(SABUS_A_VERSION) },
	{ "ERROR", BIT(SABUS_A_ERRNO) },
	{ "SYNC_BEGIN", 0 },
	{ "SYNC_END", 0 },
	{ "SA_PUT", BIT(SABUS_A_SA) },
	{ "SA_DEL", BIT(SABUS_A_SA_ID) | BIT(SABUS_A_CAUSE) },
	{ "LOOKUP", BIT(SABUS_A_FLOW) },
	{ "LOOKUP_ACK", BIT(SABUS_A_ANSWER) | BIT(SABUS_A_REVISION) },
	{ "WATCH", 0 },
	{ "DONE", BIT(SABUS_A_REVISION) },
	{ "SESSION_PUT", BIT(SABUS_A_SESSION) },
	{ "SESSION_DEL", 0 },
	{ "PUBLISHER", BIT(SABUS_A_PUBLISHER_STATE) },
	{ "RESYNC", 0 },
	{ "STATS", 0 },
	{ "REQUEST", BIT(SABUS_A_OP) },
	{ "RESULT", BIT(SABUS_A_ERRNO) },
	{ "TUNNEL_PUT", BIT(SABUS_A_TUNNEL) },
	{ "TUNNEL_DEL", BIT(SABUS_A_TUNNEL) },
	{ "CALL_PUT", BIT(SABUS_A_CALL) },
	{ "CALL_DEL", BIT(SABUS_A_CALL) },
	{ "IKE_FAILED", BIT(SABUS_A_FLOW) | BIT(SABUS_A_IKE_FAILURE) },
};

_Static_assert(COUNT_OF(rules) == SABUS_MSG_LAST - SABUS_MSG_HELLO + 1, "one rule per message type");

const struct sabus_msg_rule *sabus_msg_rule(uint16_t type)
{
	if (type < SABUS_MSG_HELLO || type > SABUS_MSG_LAST)
		return NULL;
	return &rules[type - SABUS_MSG_HELLO];
}
