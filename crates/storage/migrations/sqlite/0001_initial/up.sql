-- Conventions of this schema.
--
-- * Ids are UUIDs of version 7 in 16-byte BLOBs: less than half the size of their text in every
--   index, and their byte order is their order in time.
-- * Instants are microseconds since 1970 in UTC.
-- * Every table of an organization's data is keyed by (org_id, ...) and refers to others by
--   (org_id, id), so that the database itself refuses a reference across organizations. The
--   digests of random tokens are the exception: they are what finds an organization.
-- * *_key columns are folded by the program; fold_version tells by which fold.

CREATE TABLE organizations (
    id BLOB NOT NULL,                     -- the tenant
    name TEXT NOT NULL,                   -- as given
    seat_limit INTEGER,                   -- seats there are; no limit when NULL
    roles_in_panel INTEGER NOT NULL,      -- 1: roles of managed members are assigned in the panel
    member_count INTEGER NOT NULL DEFAULT 0, -- members there are, kept with every change
    seats_used INTEGER NOT NULL DEFAULT 0,   -- members that use a seat, kept with every change
    version INTEGER NOT NULL,             -- moves with every effective change
    created_at INTEGER NOT NULL,          -- when it came to be
    CONSTRAINT organizations_pk PRIMARY KEY (id),
    CONSTRAINT organizations_id_form CHECK (length(id) = 16),
    CONSTRAINT organizations_roles_in_panel CHECK (roles_in_panel IN (0, 1)),
    CONSTRAINT organizations_seats_used CHECK (seats_used >= 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX organizations_by_age ON organizations (created_at, id);

CREATE TABLE login_providers (
    org_id BLOB NOT NULL,                 -- whose
    kind TEXT NOT NULL,                   -- which provider: okta, entra
    enabled INTEGER NOT NULL,             -- 1: switched on as a login method
    client_id TEXT NOT NULL,              -- of the application in the provider
    base_url TEXT NOT NULL,               -- of the provider
    issuer TEXT NOT NULL,                 -- of its tokens, exactly as they state it
    audience TEXT NOT NULL,               -- another audience its tokens may name
    sealed_secret BLOB,                   -- the client secret, encrypted; NULL until one is given
    tested_at INTEGER,                    -- when it was last tested; NULL since its last change
    test_fault TEXT,                      -- what that test found wrong; NULL when it passed
    CONSTRAINT login_providers_pk PRIMARY KEY (org_id, kind),
    CONSTRAINT login_providers_organization FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT login_providers_enabled CHECK (enabled IN (0, 1)),
    CONSTRAINT login_providers_test CHECK (tested_at IS NOT NULL OR test_fault IS NULL)
) STRICT, WITHOUT ROWID;

CREATE TABLE login_domains (
    org_id BLOB NOT NULL,                 -- whose
    kind TEXT NOT NULL,                   -- which provider is offered
    domain TEXT NOT NULL,                 -- to e-mail addresses of this domain, folded
    CONSTRAINT login_domains_pk PRIMARY KEY (org_id, kind, domain),
    CONSTRAINT login_domains_provider FOREIGN KEY (org_id, kind)
        REFERENCES login_providers (org_id, kind) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX login_domains_by_domain ON login_domains (domain, org_id, kind);

CREATE TABLE login_policies (
    org_id BLOB NOT NULL,                 -- whose; no row: passwords open the panel
    password_sign_in INTEGER NOT NULL,    -- 1: a password opens the panel
    CONSTRAINT login_policies_pk PRIMARY KEY (org_id),
    CONSTRAINT login_policies_organization FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT login_policies_password_sign_in CHECK (password_sign_in IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE connections (
    org_id BLOB NOT NULL,                 -- whose
    id BLOB NOT NULL,                     -- the tenant key in the Tenant URL
    directory TEXT NOT NULL,              -- the kind of directory that pushes
    profile TEXT NOT NULL,                -- how SCIM is read
    is_on INTEGER NOT NULL,               -- 1: turned on
    enabled_at INTEGER,                   -- when it was last turned on
    last_request_at INTEGER,              -- when the directory was last heard
    live_members INTEGER NOT NULL DEFAULT 0, -- live links to members, kept with every change
    live_teams INTEGER NOT NULL DEFAULT 0,   -- live links to teams, kept with every change
    lost_members INTEGER NOT NULL DEFAULT 0, -- lost links to members, kept with every change
    lost_teams INTEGER NOT NULL DEFAULT 0,   -- lost links to teams, kept with every change
    version INTEGER NOT NULL,             -- moves with every effective change
    created_at INTEGER NOT NULL,          -- when it came to be
    CONSTRAINT connections_pk PRIMARY KEY (org_id, id),
    CONSTRAINT connections_directory UNIQUE (org_id, directory),
    CONSTRAINT connections_organization FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT connections_id_form CHECK (length(id) = 16),
    CONSTRAINT connections_is_on CHECK (is_on IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    digest BLOB NOT NULL,                 -- SHA-256 of the Secret Token: all that is kept of it
    org_id BLOB NOT NULL,                 -- whose
    connection_id BLOB NOT NULL,          -- what it opens
    created_at INTEGER NOT NULL,          -- when it was issued; it never expires
    CONSTRAINT tokens_pk PRIMARY KEY (digest),
    CONSTRAINT tokens_connection FOREIGN KEY (org_id, connection_id)
        REFERENCES connections (org_id, id) ON DELETE CASCADE,
    CONSTRAINT tokens_digest_form CHECK (length(digest) = 32)
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_of_connection ON tokens (org_id, connection_id);

CREATE TABLE members (
    org_id BLOB NOT NULL,                 -- whose
    id BLOB NOT NULL,                     -- never changes, never reused
    origin TEXT NOT NULL,                 -- manual, or the kind of directory
    status TEXT NOT NULL,                 -- invited, active, suspended, deactivated
    invited_until INTEGER,                -- when the invitation's link dies; invited ones alone
    role TEXT NOT NULL,                   -- member, admin, owner
    login_key TEXT NOT NULL,              -- folded: unique in the organization
    email TEXT,                           -- primary e-mail as given
    email_key TEXT,                       -- the same, folded
    fold_version INTEGER NOT NULL,        -- of login_key, email_key, label_key and search_text
    display_name TEXT,                    -- name for display
    given_name TEXT,                      -- given name
    family_name TEXT,                     -- family name
    label TEXT NOT NULL,                  -- what people call the member, for entries and lists
    label_key TEXT NOT NULL,              -- the same, folded, to sort by
    search_text TEXT NOT NULL,            -- folded label, e-mail and directory name, by lines
    attributes TEXT NOT NULL,             -- a JSON object: what the directory said beyond that
    has_password INTEGER NOT NULL,        -- 1: a local password is set
    version INTEGER NOT NULL,             -- moves with every effective change
    created_at INTEGER NOT NULL,          -- when it came to be
    updated_at INTEGER NOT NULL,          -- when it last changed; never goes back
    CONSTRAINT members_pk PRIMARY KEY (org_id, id),
    CONSTRAINT members_login_key UNIQUE (org_id, login_key),
    CONSTRAINT members_organization FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT members_id_form CHECK (length(id) = 16),
    -- For a list of more than two SQLite fills a table anew with every row that is written.
    CONSTRAINT members_status CHECK (status = 'invited' OR status = 'active' OR status = 'suspended'
        OR status = 'deactivated'),
    CONSTRAINT members_invited_until CHECK ((status = 'invited') = (invited_until IS NOT NULL)),
    CONSTRAINT members_role CHECK (role = 'member' OR role = 'admin' OR role = 'owner'),
    CONSTRAINT members_attributes CHECK (json_valid(attributes)),
    CONSTRAINT members_has_password CHECK (has_password IN (0, 1))
) STRICT;
CREATE INDEX members_by_label ON members (org_id, label_key, id);
CREATE INDEX members_by_age ON members (org_id, created_at, id);
CREATE INDEX members_by_change ON members (org_id, updated_at, id);
CREATE INDEX members_by_status ON members (org_id, status, origin, role);
CREATE INDEX members_by_email ON members (email_key, org_id) WHERE email_key IS NOT NULL;
CREATE INDEX members_by_any_login_key ON members (login_key);
-- Owners who may sign in, by whatever way.
CREATE INDEX members_active_owners ON members (org_id, id)
    WHERE role = 'owner' AND status = 'active';
-- Who has to sign in through a provider (R06).
CREATE INDEX members_without_password ON members (org_id, origin)
    WHERE status = 'active' AND has_password = 0;

-- The primary address stands beside its member and nearly everybody has no other.
CREATE TABLE further_emails (
    org_id BLOB NOT NULL,                 -- whose
    member_id BLOB NOT NULL,              -- of whom
    key TEXT NOT NULL,                    -- an address beside the primary one, folded
    CONSTRAINT further_emails_pk PRIMARY KEY (org_id, key, member_id),
    CONSTRAINT further_emails_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX further_emails_of_member ON further_emails (org_id, member_id);

CREATE TABLE teams (
    org_id BLOB NOT NULL,                 -- whose
    id BLOB NOT NULL,                     -- never changes, never reused
    origin TEXT NOT NULL,                 -- manual, or the kind of directory
    name TEXT NOT NULL,                   -- as given
    name_key TEXT NOT NULL,               -- trimmed and folded: unique in its namespace
    fold_version INTEGER NOT NULL,        -- of name_key
    namespace BLOB NOT NULL,              -- the organization's id or a connection's
    member_count INTEGER NOT NULL,        -- kept with every membership
    version INTEGER NOT NULL,             -- moves with every effective change, membership too
    created_at INTEGER NOT NULL,          -- when it came to be
    updated_at INTEGER NOT NULL,          -- when it last changed; never goes back
    CONSTRAINT teams_pk PRIMARY KEY (org_id, id),
    CONSTRAINT teams_name UNIQUE (org_id, namespace, name_key),
    CONSTRAINT teams_organization FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT teams_id_form CHECK (length(id) = 16),
    CONSTRAINT teams_namespace_form CHECK (length(namespace) = 16),
    CONSTRAINT teams_member_count CHECK (member_count >= 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX teams_by_name ON teams (org_id, name_key, id);
CREATE INDEX teams_by_age ON teams (org_id, created_at, id);
CREATE INDEX teams_by_change ON teams (org_id, updated_at, id);

CREATE TABLE links (
    org_id BLOB NOT NULL,                 -- whose
    member_id BLOB,                       -- the linked member, or
    team_id BLOB,                         -- the linked team: one of both
    connection_id BLOB NOT NULL,          -- to which directory
    state TEXT NOT NULL,                  -- live: the directory finds it; lost: no longer
    external_id TEXT,                     -- the directory's own id of it, exact
    name TEXT NOT NULL,                   -- userName or displayName exactly as sent
    key TEXT NOT NULL,                    -- the same, folded
    email_key TEXT,                       -- the folded primary e-mail as last sent
    fold_version INTEGER NOT NULL,        -- of key and email_key
    active INTEGER NOT NULL,              -- the last word of the directory; always 1 for a team
    moved INTEGER NOT NULL,               -- 1: the object's key is no longer the key as sent
    document TEXT,                        -- the linked member as the directory reads it, if live
    document_form INTEGER,                -- who wrote it: another form is not read
    document_version INTEGER,             -- of which version of the member
    CONSTRAINT links_member UNIQUE (org_id, member_id),
    CONSTRAINT links_team UNIQUE (org_id, team_id),
    CONSTRAINT links_to_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE,
    CONSTRAINT links_to_team FOREIGN KEY (org_id, team_id)
        REFERENCES teams (org_id, id) ON DELETE CASCADE,
    CONSTRAINT links_to_connection FOREIGN KEY (org_id, connection_id)
        REFERENCES connections (org_id, id),
    CONSTRAINT links_one_object CHECK ((member_id IS NULL) <> (team_id IS NULL)),
    CONSTRAINT links_state CHECK (state IN ('live', 'lost')),
    CONSTRAINT links_active CHECK (active IN (0, 1)),
    CONSTRAINT links_moved CHECK (moved IN (0, 1)),
    CONSTRAINT links_document CHECK ((document IS NULL) = (document_form IS NULL)
        AND (document IS NULL) = (document_version IS NULL))
) STRICT;
-- What the directory finds is unique. An object edited while its connection was off keeps its
-- link until the connection is turned on again (R13); meanwhile it claims nothing, so that
-- whatever takes its place can be linked first, in any order.
CREATE UNIQUE INDEX links_member_external_id ON links (org_id, connection_id, external_id)
    WHERE state = 'live' AND moved = 0 AND member_id IS NOT NULL;
CREATE UNIQUE INDEX links_team_external_id ON links (org_id, connection_id, external_id)
    WHERE state = 'live' AND moved = 0 AND team_id IS NOT NULL;
CREATE UNIQUE INDEX links_member_key ON links (org_id, connection_id, key)
    WHERE state = 'live' AND moved = 0 AND member_id IS NOT NULL;
CREATE INDEX links_team_key ON links (org_id, connection_id, key, team_id)
    WHERE state = 'live' AND moved = 0 AND team_id IS NOT NULL;
CREATE INDEX links_of_members ON links (org_id, connection_id, member_id, state)
    WHERE member_id IS NOT NULL;
CREATE INDEX links_of_teams ON links (org_id, connection_id, team_id, state)
    WHERE team_id IS NOT NULL;

CREATE TABLE memberships (
    org_id BLOB NOT NULL,                 -- whose
    team_id BLOB NOT NULL,                -- in which team
    member_id BLOB NOT NULL,              -- who
    CONSTRAINT memberships_pk PRIMARY KEY (org_id, team_id, member_id),
    CONSTRAINT memberships_team FOREIGN KEY (org_id, team_id) REFERENCES teams (org_id, id),
    CONSTRAINT memberships_member FOREIGN KEY (org_id, member_id) REFERENCES members (org_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_of_member ON memberships (org_id, member_id, team_id);

CREATE TABLE passwords (
    org_id BLOB NOT NULL,                 -- whose
    member_id BLOB NOT NULL,              -- whose
    hash TEXT NOT NULL,                   -- argon2id, with its parameters and salt
    CONSTRAINT passwords_pk PRIMARY KEY (org_id, member_id),
    CONSTRAINT passwords_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    digest BLOB NOT NULL,                 -- SHA-256 of the session's token
    org_id BLOB NOT NULL,                 -- whose
    id BLOB NOT NULL,                     -- may be shown
    member_id BLOB NOT NULL,              -- whose
    created_at INTEGER NOT NULL,          -- when it began
    last_seen_at INTEGER NOT NULL,        -- when it was last used, to the minute
    expires_at INTEGER NOT NULL,          -- when it ends at the latest
    ip TEXT,                              -- from which address it began
    user_agent TEXT,                      -- by which client it began
    CONSTRAINT sessions_pk PRIMARY KEY (digest),
    CONSTRAINT sessions_id UNIQUE (org_id, id),
    CONSTRAINT sessions_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE,
    CONSTRAINT sessions_digest_form CHECK (length(digest) = 32)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_member ON sessions (org_id, member_id, created_at);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE provider_sessions (
    org_id BLOB NOT NULL,                 -- whose
    session_id BLOB NOT NULL,             -- a session that began through a provider
    kind TEXT NOT NULL,                   -- which provider
    CONSTRAINT provider_sessions_pk PRIMARY KEY (org_id, session_id),
    CONSTRAINT provider_sessions_session FOREIGN KEY (org_id, session_id)
        REFERENCES sessions (org_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE identities (
    org_id BLOB NOT NULL,                 -- whose
    issuer TEXT NOT NULL,                 -- who names the subject
    subject TEXT NOT NULL,                -- unique and never reassigned within the issuer
    kind TEXT NOT NULL,                   -- the kind of provider
    member_id BLOB NOT NULL,              -- to whom the account is bound
    bound_at INTEGER NOT NULL,            -- when it was bound
    last_sign_in_at INTEGER,              -- when the member last signed in by it
    CONSTRAINT identities_pk PRIMARY KEY (org_id, issuer, subject),
    CONSTRAINT identities_one_of_a_member UNIQUE (org_id, member_id, issuer),
    CONSTRAINT identities_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE pending_logins (
    org_id BLOB NOT NULL,                 -- whose login method
    state BLOB NOT NULL,                  -- SHA-256 of the state it went out with
    browser BLOB NOT NULL,                -- SHA-256 of the key in the browser's cookie
    kind TEXT NOT NULL,                   -- which provider was asked
    issuer TEXT NOT NULL,                 -- under which issuer
    member_id BLOB,                       -- who asked, while signed in, to have the account bound
    next TEXT NOT NULL,                   -- a path of ours to go on to
    expires_at INTEGER NOT NULL,          -- when its answer comes too late
    CONSTRAINT pending_logins_pk PRIMARY KEY (org_id, state),
    CONSTRAINT pending_logins_organization FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT pending_logins_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE,
    CONSTRAINT pending_logins_state_form CHECK (length(state) = 32),
    CONSTRAINT pending_logins_browser_form CHECK (length(browser) = 32)
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_logins_by_end ON pending_logins (expires_at);
CREATE INDEX pending_logins_of_member ON pending_logins (org_id, member_id);

CREATE TABLE resets (
    org_id BLOB NOT NULL,                 -- whose
    member_id BLOB NOT NULL,              -- whose
    digest BLOB NOT NULL,                 -- SHA-256 of the token in the link
    expires_at INTEGER NOT NULL,          -- when the link dies
    CONSTRAINT resets_pk PRIMARY KEY (org_id, member_id),
    CONSTRAINT resets_digest UNIQUE (digest),
    CONSTRAINT resets_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE,
    CONSTRAINT resets_digest_form CHECK (length(digest) = 32)
) STRICT, WITHOUT ROWID;
CREATE INDEX resets_by_end ON resets (expires_at);

CREATE TABLE invitations (
    org_id BLOB NOT NULL,                 -- whose
    member_id BLOB NOT NULL,              -- who is invited
    digest BLOB NOT NULL,                 -- SHA-256 of the token in the link
    sent_at INTEGER NOT NULL,             -- when the link was last sent
    expires_at INTEGER NOT NULL,          -- when the link dies
    CONSTRAINT invitations_pk PRIMARY KEY (org_id, member_id),
    CONSTRAINT invitations_digest UNIQUE (digest),
    CONSTRAINT invitations_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE,
    CONSTRAINT invitations_digest_form CHECK (length(digest) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE invitation_teams (
    org_id BLOB NOT NULL,                 -- whose
    member_id BLOB NOT NULL,              -- who is invited
    position INTEGER NOT NULL,            -- the order in which the teams were chosen
    team_id BLOB NOT NULL,                -- a team to join on accepting
    CONSTRAINT invitation_teams_pk PRIMARY KEY (org_id, member_id, position),
    CONSTRAINT invitation_teams_invitation FOREIGN KEY (org_id, member_id)
        REFERENCES invitations (org_id, member_id) ON DELETE CASCADE,
    CONSTRAINT invitation_teams_team FOREIGN KEY (org_id, team_id)
        REFERENCES teams (org_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_teams_of_team ON invitation_teams (org_id, team_id);

CREATE TABLE link_requests (
    org_id BLOB NOT NULL,                 -- whose
    connection_id BLOB NOT NULL,          -- which directory asks
    member_id BLOB NOT NULL,              -- for which owner or admin
    requested_at INTEGER NOT NULL,        -- when it asked last
    allowed_until INTEGER,                -- until when an owner has allowed it
    CONSTRAINT link_requests_pk PRIMARY KEY (org_id, connection_id, member_id),
    CONSTRAINT link_requests_connection FOREIGN KEY (org_id, connection_id)
        REFERENCES connections (org_id, id) ON DELETE CASCADE,
    CONSTRAINT link_requests_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX link_requests_of_member ON link_requests (org_id, member_id);

CREATE TABLE activity (
    org_id BLOB NOT NULL,                 -- whose
    id BLOB NOT NULL,                     -- time-ordered
    at INTEGER NOT NULL,                  -- when
    actor_kind TEXT NOT NULL,             -- member, directory, system
    actor_id TEXT,                        -- the member's or connection's id
    actor_label TEXT NOT NULL,            -- what people called the actor
    action TEXT NOT NULL,                 -- what happened
    kind TEXT NOT NULL,                   -- change, warning
    target_kind TEXT NOT NULL,            -- what kind of object it happened to
    target_id TEXT NOT NULL,              -- its id; the object may be gone
    target_label TEXT NOT NULL,           -- its label at the time
    related_kind TEXT,                    -- the other object concerned
    related_id TEXT,                      -- its id
    related_label TEXT,                   -- its label at the time
    changes TEXT NOT NULL,                -- a JSON array of [field, before, after]
    request_id BLOB NOT NULL,             -- through which request
    ip TEXT,                              -- from which address
    user_agent TEXT,                      -- by which client
    repeat_key TEXT,                      -- what a warning says, to tell repetitions
    CONSTRAINT activity_pk PRIMARY KEY (org_id, id),
    CONSTRAINT activity_organization FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT activity_id_form CHECK (length(id) = 16),
    CONSTRAINT activity_kind CHECK (kind IN ('change', 'warning')),
    CONSTRAINT activity_related CHECK ((related_kind IS NULL) = (related_id IS NULL))
) STRICT;
CREATE INDEX activity_by_action ON activity (org_id, action, id);
CREATE INDEX activity_by_target ON activity (org_id, target_id, id);
CREATE INDEX activity_by_related ON activity (org_id, related_id, id) WHERE related_id IS NOT NULL;
CREATE INDEX activity_by_actor ON activity (org_id, actor_id, id) WHERE actor_id IS NOT NULL;
CREATE INDEX activity_by_actor_kind ON activity (org_id, actor_kind, id);
CREATE INDEX activity_by_request ON activity (org_id, request_id, id);
CREATE INDEX activity_by_age ON activity (org_id, at);
CREATE INDEX activity_warnings ON activity (org_id, id) WHERE kind = 'warning';
CREATE INDEX activity_warnings_of_actor ON activity (org_id, actor_id, id) WHERE kind = 'warning';
CREATE INDEX activity_repetitions ON activity (org_id, repeat_key, at) WHERE repeat_key IS NOT NULL;

CREATE TABLE outbox (
    id BLOB NOT NULL,                     -- the mail
    org_id BLOB NOT NULL,                 -- whose
    recipient TEXT NOT NULL,              -- to whom
    subject TEXT NOT NULL,                -- subject
    body TEXT NOT NULL,                   -- plain text; may hold a one-time link
    attempts INTEGER NOT NULL,            -- how often it was handed to a worker
    due_at INTEGER NOT NULL,              -- when a worker may take it: sending, lease or retry
    created_at INTEGER NOT NULL,          -- when it was put there
    CONSTRAINT outbox_pk PRIMARY KEY (id),
    CONSTRAINT outbox_organization FOREIGN KEY (org_id) REFERENCES organizations (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_by_due ON outbox (due_at, id);

CREATE TABLE attempts (
    key BLOB NOT NULL,                    -- the digest of an account or address
    count INTEGER NOT NULL,               -- attempts in the window
    window_ends_at INTEGER NOT NULL,      -- when it begins anew
    CONSTRAINT attempts_pk PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_by_end ON attempts (window_ends_at);
