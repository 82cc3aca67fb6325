//! Statements that have to be spelled as PostgreSQL understands them. They take the same binds as
//! those of the same names for SQLite.

/// Records entries of one stamp. Binds: organization, time, kind, id and label of the actor, request, IP
/// address, user agent, and a JSON array of what is each entry's own: its id, id and label of the other
/// object, changes, and its subject, where not all have the same one. Then the six parts of that one.
pub(crate) const ENTER: &str = "
    INSERT INTO activity (
        org_id, id, at, actor_kind, actor_id, actor_label, action, kind, target_kind,
        target_id, target_label, related_kind, related_id, related_label, changes, request_id, ip,
        user_agent)
    SELECT $1, (value ->> 0)::uuid, $2, $3, $4, $5, coalesce($10, value #>> '{4,0}'),
        coalesce($11, value #>> '{4,1}'), coalesce($12, value #>> '{4,2}'),
        coalesce($13, value #>> '{4,3}'), coalesce($14, value #>> '{4,4}'),
        coalesce($15, value #>> '{4,5}'), value ->> 1, value ->> 2, value ->> 3, $6, $7, $8
    FROM jsonb_array_elements($9::jsonb) AS entry (value)";

/// Lets members of the organization join. Binds: organization, team, ids.
pub(crate) const JOIN_FROM_PANEL: &str = "
    INSERT INTO memberships (org_id, team_id, member_id)
    SELECT members.org_id, $2, members.id
    FROM unnest($3::uuid[]) AS named (id)
    JOIN members ON members.org_id = $1 AND members.id = named.id
    ON CONFLICT (org_id, team_id, member_id) DO NOTHING
    RETURNING team_id, member_id";

/// Lets live members of a connection join. Binds: organization, team, ids, connection.
pub(crate) const JOIN_FROM_DIRECTORY: &str = "
    INSERT INTO memberships (org_id, team_id, member_id)
    SELECT links.org_id, $2, links.member_id
    FROM unnest($3::uuid[]) AS named (id)
    JOIN links ON links.org_id = $1 AND links.member_id = named.id
        AND links.connection_id = $4 AND links.state = 'live'
    ON CONFLICT (org_id, team_id, member_id) DO NOTHING
    RETURNING team_id, member_id";

/// Who of the named is no live member of the connection. Binds: organization, ids, connection.
pub(crate) const SKIPPED: &str = "
    SELECT named.id FROM unnest($2::uuid[]) WITH ORDINALITY AS named (id, place)
    WHERE NOT EXISTS (
        SELECT 1 FROM links WHERE links.org_id = $1 AND links.member_id = named.id
            AND links.connection_id = $3 AND links.state = 'live')
    ORDER BY named.place";

/// Lets members leave. Binds: organization, team, ids.
pub(crate) const LEAVE: &str = "
    DELETE FROM memberships WHERE org_id = $1 AND team_id = $2 AND member_id = ANY ($3)
    RETURNING team_id, member_id";

/// Lets everybody leave but the named. Binds: organization, team, ids.
pub(crate) const LEAVE_ALL_BUT: &str = "
    DELETE FROM memberships WHERE org_id = $1 AND team_id = $2 AND member_id <> ALL ($3)
    RETURNING team_id, member_id";

/// Lets everybody leave a connection's live teams who is not live on it. Binds: organization,
/// connection.
pub(crate) const OUTSIDERS_LEAVE: &str = "
    DELETE FROM memberships WHERE org_id = $1
        AND team_id IN (
            SELECT links.team_id FROM links WHERE links.org_id = $1 AND links.connection_id = $2
                AND links.state = 'live' AND links.team_id IS NOT NULL)
        AND NOT EXISTS (
            SELECT 1 FROM links WHERE links.org_id = $1
                AND links.member_id = memberships.member_id
                AND links.connection_id = $2 AND links.state = 'live')
    RETURNING team_id, member_id";

/// How many would leave if the connection were turned on, before any link has been judged anew.
/// Binds: organization, connection.
pub(crate) const COUNT_OUTSIDERS: &str = "
    SELECT count(*) AS count
    FROM links AS linked_teams
    JOIN memberships ON memberships.org_id = linked_teams.org_id
        AND memberships.team_id = linked_teams.team_id
    WHERE linked_teams.org_id = $1 AND linked_teams.connection_id = $2
        AND linked_teams.team_id IS NOT NULL AND NOT linked_teams.moved
        AND NOT EXISTS (
            SELECT 1 FROM links WHERE links.org_id = $1
                AND links.member_id = memberships.member_id
                AND links.connection_id = $2 AND NOT links.moved)";

/// Who would leave then. Binds: organization, connection, how many are shown.
pub(crate) const OUTSIDERS_PAGE: &str = "
    SELECT memberships.team_id, memberships.member_id
    FROM links AS linked_teams
    JOIN memberships ON memberships.org_id = linked_teams.org_id
        AND memberships.team_id = linked_teams.team_id
    WHERE linked_teams.org_id = $1 AND linked_teams.connection_id = $2
        AND linked_teams.team_id IS NOT NULL AND NOT linked_teams.moved
        AND NOT EXISTS (
            SELECT 1 FROM links WHERE links.org_id = $1
                AND links.member_id = memberships.member_id
                AND links.connection_id = $2 AND NOT links.moved)
    ORDER BY memberships.team_id, memberships.member_id LIMIT $3";

/// Moves the counts and versions of several teams. Binds: organization, `[[team, left], …]`, time.
pub(crate) const COUNT_LEFT: &str = "
    UPDATE teams SET member_count = member_count - (counts.value ->> 1)::bigint,
        version = version + 1, updated_at = greatest(updated_at, $3)
    FROM json_array_elements($2::json) AS counts (value)
    WHERE teams.org_id = $1 AND teams.id = (counts.value ->> 0)::uuid";

/// Leases mails that are due; one that another node takes at the same time is passed over. The
/// attempt counts from here, so that a mail that takes its worker down with it is given up in the
/// end.
pub(crate) const LEASE_MAILS: &str = "
    UPDATE outbox SET due_at = $1, attempts = attempts + 1
    WHERE id IN (SELECT id FROM outbox WHERE due_at <= $2 ORDER BY due_at, id LIMIT $3
        FOR UPDATE SKIP LOCKED)
    RETURNING id, org_id, recipient, subject, body, attempts, created_at";

/// Deletes what is past its time, a bounded number of rows each; what another node deletes at the
/// same time is passed over.
pub(crate) const PURGE: [&str; 4] = [
    "DELETE FROM sessions WHERE digest IN
        (SELECT digest FROM sessions WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
    "DELETE FROM resets WHERE digest IN
        (SELECT digest FROM resets WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
    "DELETE FROM pending_logins WHERE (org_id, state) IN
        (SELECT org_id, state FROM pending_logins WHERE expires_at <= $1 LIMIT $2
            FOR UPDATE SKIP LOCKED)",
    "DELETE FROM attempts WHERE key IN
        (SELECT key FROM attempts WHERE window_ends_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
];

/// Deletes entries past retention, a bounded number: organization by organization, each by its
/// index of ages.
pub(crate) const PURGE_ACTIVITY: &str = "
    DELETE FROM activity USING (
        SELECT aged.org_id, aged.id FROM organizations
        CROSS JOIN LATERAL (
            SELECT org_id, id FROM activity
            WHERE activity.org_id = organizations.id AND activity.at < $1
            ORDER BY activity.at LIMIT $2
            FOR UPDATE SKIP LOCKED) AS aged
        LIMIT $2) AS past
    WHERE activity.org_id = past.org_id AND activity.id = past.id";

/// The first ten teams of each member by name, and how many there are, for a whole page at once.
pub(crate) const TEAMS_OF_PAGE: &str = "
    SELECT member_id, team_id, name, origin, total FROM (
        SELECT memberships.member_id, teams.id AS team_id, teams.name, teams.origin,
            row_number() OVER (PARTITION BY memberships.member_id
                ORDER BY teams.name_key, teams.id) AS place,
            count(*) OVER (PARTITION BY memberships.member_id) AS total
        FROM memberships
        JOIN teams ON teams.org_id = memberships.org_id AND teams.id = memberships.team_id
        WHERE memberships.org_id = $1 AND memberships.member_id = ANY ($2)
    ) AS placed WHERE place <= 10 ORDER BY member_id, place";

/// Who could be the person that a directory pushes, and by what.
pub(crate) const MATCHES: &str = "
    SELECT 1 AS found_by, member_id AS id FROM links
    WHERE org_id = $1 AND connection_id = $2 AND key = $3
        AND state = 'live' AND NOT moved AND member_id IS NOT NULL
    UNION ALL SELECT 2, member_id FROM links
    WHERE org_id = $1 AND connection_id = $2 AND external_id = $4
        AND state = 'live' AND NOT moved AND member_id IS NOT NULL
    UNION ALL SELECT 3, id FROM members WHERE org_id = $1 AND login_key = $3
    UNION ALL SELECT 3, id FROM members WHERE org_id = $1 AND login_key = $5
    UNION ALL SELECT 3, id FROM members WHERE org_id = $1 AND email_key = $3
    UNION ALL SELECT 3, id FROM members WHERE org_id = $1 AND email_key = $5
    LIMIT 24";
