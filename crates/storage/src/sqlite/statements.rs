//! Statements that have to be spelled as SQLite understands them.
//!
//! `CROSS JOIN` is SQLite's way to say in which order tables are visited: the named ids first, each
//! looked up by key. Left to itself it may walk the whole organization and search the list.

/// Records entries of one stamp. Binds: organization, time, kind, id and label of the actor, request, IP
/// address, user agent, and a JSON array of what is each entry's own: its id, id and label of the other
/// object, changes, and its subject, where not all have the same one. Then the six parts of that one.
pub(crate) const ENTER: &str = "
    INSERT INTO activity (
        org_id, id, at, actor_kind, actor_id, actor_label, action, kind, target_kind,
        target_id, target_label, related_kind, related_id, related_label, changes, request_id, ip,
        user_agent)
    SELECT ?1, unhex(entry.value ->> 0), ?2, ?3, ?4, ?5, coalesce(?10, entry.value ->> '$[4][0]'),
        coalesce(?11, entry.value ->> '$[4][1]'), coalesce(?12, entry.value ->> '$[4][2]'),
        coalesce(?13, entry.value ->> '$[4][3]'), coalesce(?14, entry.value ->> '$[4][4]'),
        coalesce(?15, entry.value ->> '$[4][5]'), entry.value ->> 1, entry.value ->> 2,
        entry.value ->> 3, ?6, ?7, ?8
    FROM jsonb_each(?9) AS entry";

/// Lets members of the organization join. Binds: organization, team, ids.
pub(crate) const JOIN_FROM_PANEL: &str = "
    INSERT INTO memberships (org_id, team_id, member_id)
    SELECT members.org_id, ?2, members.id
    FROM json_each(?3) AS named
    CROSS JOIN members ON members.org_id = ?1 AND members.id = unhex(named.value)
    WHERE true
    ON CONFLICT (org_id, team_id, member_id) DO NOTHING
    RETURNING team_id, member_id";

/// Lets live members of a connection join. Binds: organization, team, ids, connection.
pub(crate) const JOIN_FROM_DIRECTORY: &str = "
    INSERT INTO memberships (org_id, team_id, member_id)
    SELECT links.org_id, ?2, links.member_id
    FROM json_each(?3) AS named
    CROSS JOIN links INDEXED BY links_of_members
        ON links.org_id = ?1 AND links.member_id = unhex(named.value)
        AND links.connection_id = ?4 AND links.state = 'live'
    WHERE true
    ON CONFLICT (org_id, team_id, member_id) DO NOTHING
    RETURNING team_id, member_id";

/// Who of the named is no live member of the connection. Binds: organization, ids, connection.
pub(crate) const SKIPPED: &str = "
    SELECT unhex(named.value) AS id FROM json_each(?2) AS named
    WHERE NOT EXISTS (
        SELECT 1 FROM links WHERE links.org_id = ?1 AND links.member_id = unhex(named.value)
            AND links.connection_id = ?3 AND links.state = 'live')
    ORDER BY named.key";

/// Lets members leave. Binds: organization, team, ids.
pub(crate) const LEAVE: &str = "
    DELETE FROM memberships WHERE org_id = ?1 AND team_id = ?2
        AND member_id IN (SELECT unhex(value) FROM json_each(?3))
    RETURNING team_id, member_id";

/// Lets everybody leave but the named. Binds: organization, team, ids.
pub(crate) const LEAVE_ALL_BUT: &str = "
    DELETE FROM memberships WHERE org_id = ?1 AND team_id = ?2
        AND member_id NOT IN (SELECT unhex(value) FROM json_each(?3))
    RETURNING team_id, member_id";

/// Lets everybody leave a connection's live teams who is not live on it. Binds: organization,
/// connection.
pub(crate) const OUTSIDERS_LEAVE: &str = "
    DELETE FROM memberships WHERE org_id = ?1
        AND team_id IN (
            SELECT links.team_id FROM links WHERE links.org_id = ?1 AND links.connection_id = ?2
                AND links.state = 'live' AND links.team_id IS NOT NULL)
        AND NOT EXISTS (
            SELECT 1 FROM links WHERE links.org_id = ?1
                AND links.member_id = memberships.member_id
                AND links.connection_id = ?2 AND links.state = 'live')
    RETURNING team_id, member_id";

/// How many would leave if the connection were turned on, before any link has been judged anew.
/// Binds: organization, connection.
pub(crate) const COUNT_OUTSIDERS: &str = "
    SELECT count(*) AS count
    FROM links AS linked_teams
    CROSS JOIN memberships ON memberships.org_id = linked_teams.org_id
        AND memberships.team_id = linked_teams.team_id
    WHERE linked_teams.org_id = ?1 AND linked_teams.connection_id = ?2
        AND linked_teams.team_id IS NOT NULL AND linked_teams.moved = 0
        AND NOT EXISTS (
            SELECT 1 FROM links WHERE links.org_id = ?1
                AND links.member_id = memberships.member_id
                AND links.connection_id = ?2 AND links.moved = 0)";

/// Who would leave then. Binds: organization, connection, how many are shown.
pub(crate) const OUTSIDERS_PAGE: &str = "
    SELECT memberships.team_id, memberships.member_id
    FROM links AS linked_teams
    CROSS JOIN memberships ON memberships.org_id = linked_teams.org_id
        AND memberships.team_id = linked_teams.team_id
    WHERE linked_teams.org_id = ?1 AND linked_teams.connection_id = ?2
        AND linked_teams.team_id IS NOT NULL AND linked_teams.moved = 0
        AND NOT EXISTS (
            SELECT 1 FROM links WHERE links.org_id = ?1
                AND links.member_id = memberships.member_id
                AND links.connection_id = ?2 AND links.moved = 0)
    ORDER BY memberships.team_id, memberships.member_id LIMIT ?3";

/// Moves the counts and versions of several teams. Binds: organization, `[[team, left], …]`, time.
pub(crate) const COUNT_LEFT: &str = "
    UPDATE teams SET member_count = member_count - (counts.value ->> 1), version = version + 1,
        updated_at = max(updated_at, ?3)
    FROM json_each(?2) AS counts
    WHERE teams.org_id = ?1 AND teams.id = unhex(counts.value ->> 0)
        AND teams.id IN (SELECT unhex(named.value ->> 0) FROM json_each(?2) AS named)";

/// Leases mails that are due. The attempt counts from here, so that a mail that takes its worker
/// down with it is given up in the end.
pub(crate) const LEASE_MAILS: &str = "
    UPDATE outbox SET due_at = ?, attempts = attempts + 1
    WHERE id IN (SELECT id FROM outbox WHERE due_at <= ? ORDER BY due_at, id LIMIT ?)
    RETURNING id, org_id, recipient, subject, body, attempts, created_at";

/// Deletes what is past its time, a bounded number of rows each.
pub(crate) const PURGE: [&str; 4] = [
    "DELETE FROM sessions WHERE digest IN
        (SELECT digest FROM sessions WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM resets WHERE digest IN
        (SELECT digest FROM resets WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM pending_logins WHERE (org_id, state) IN
        (SELECT org_id, state FROM pending_logins WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM attempts WHERE key IN
        (SELECT key FROM attempts WHERE window_ends_at <= ? LIMIT ?)",
];

/// Deletes entries past retention, a bounded number: organization by organization, each by its
/// index of ages.
pub(crate) const PURGE_ACTIVITY: &str = "
    DELETE FROM activity WHERE rowid IN (
        SELECT activity.rowid FROM organizations
        CROSS JOIN activity ON activity.org_id = organizations.id AND activity.at < ?
        LIMIT ?)";

/// The first ten teams of each member by name, and how many there are, for a whole page at once.
pub(crate) const TEAMS_OF_PAGE: &str = "
    SELECT member_id, team_id, name, origin, total FROM (
        SELECT memberships.member_id, teams.id AS team_id, teams.name, teams.origin,
            row_number() OVER (PARTITION BY memberships.member_id
                ORDER BY teams.name_key, teams.id) AS place,
            count(*) OVER (PARTITION BY memberships.member_id) AS total
        FROM memberships
        JOIN teams ON teams.org_id = memberships.org_id AND teams.id = memberships.team_id
        WHERE memberships.org_id = ?
            AND memberships.member_id IN (SELECT unhex(value) FROM json_each(?))
    ) WHERE place <= 10 ORDER BY member_id, place";

/// Who could be the person that a directory pushes, and by what: 1 the `userName` and 2 the
/// `externalId` of a live link, 3 the login key or the primary e-mail, at most 24 in all.
/// Binds: organization, connection, key of the `userName`, `externalId`, key of the e-mail where that
/// is another one.
pub(crate) const MATCHES: &str = "
    SELECT 1 AS found_by, member_id AS id FROM links
    WHERE org_id = ?1 AND connection_id = ?2 AND key = ?3
        AND state = 'live' AND moved = 0 AND member_id IS NOT NULL
    UNION ALL SELECT 2, member_id FROM links
    WHERE org_id = ?1 AND connection_id = ?2 AND external_id = ?4
        AND state = 'live' AND moved = 0 AND member_id IS NOT NULL
    UNION ALL SELECT 3, id FROM members WHERE org_id = ?1 AND login_key = ?3
    UNION ALL SELECT 3, id FROM members WHERE org_id = ?1 AND login_key = ?5
    UNION ALL SELECT 3, id FROM members WHERE org_id = ?1 AND email_key = ?3
    UNION ALL SELECT 3, id FROM members WHERE org_id = ?1 AND email_key = ?5
    LIMIT 24";
