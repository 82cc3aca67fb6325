-- Conventions of this schema. It has the tables, columns and constraints of the SQLite schema, under
-- the same names.
--
-- * Ids are UUIDs of version 7; their byte order is their order in time.
-- * Instants are microseconds since 1970 in UTC.
-- * Text compares by its bytes, whatever the locale of the database: COLLATE "C" throughout.
-- * Every table of an organization's data is keyed by (org_id, ...) and refers to others by
--   (org_id, id), so that the database itself refuses a reference across organizations. The
--   digests of random tokens are the exception: they are what finds an organization.
-- * *_key columns are folded by the program; fold_version tells by which fold.

CREATE TABLE organizations (
    id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    seat_limit bigint,
    roles_in_panel boolean NOT NULL,
    member_count bigint NOT NULL DEFAULT 0,
    seats_used bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT organizations_pk PRIMARY KEY (id),
    CONSTRAINT organizations_seats_used CHECK (seats_used >= 0)
);
COMMENT ON COLUMN organizations.id IS 'the tenant';
COMMENT ON COLUMN organizations.name IS 'as given';
COMMENT ON COLUMN organizations.seat_limit IS 'seats there are; no limit when NULL';
COMMENT ON COLUMN organizations.roles_in_panel IS 'true: roles of managed members are assigned in the panel';
COMMENT ON COLUMN organizations.member_count IS 'members there are, kept with every change';
COMMENT ON COLUMN organizations.seats_used IS 'members that use a seat, kept with every change';
COMMENT ON COLUMN organizations.version IS 'moves with every effective change';
COMMENT ON COLUMN organizations.created_at IS 'when it came to be';
CREATE INDEX organizations_by_age ON organizations (created_at, id);

CREATE TABLE login_providers (
    org_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    enabled boolean NOT NULL,
    client_id text COLLATE "C" NOT NULL,
    base_url text COLLATE "C" NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    audience text COLLATE "C" NOT NULL,
    sealed_secret bytea,
    tested_at bigint,
    test_fault text COLLATE "C",
    CONSTRAINT login_providers_pk PRIMARY KEY (org_id, kind),
    CONSTRAINT login_providers_organization FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT login_providers_test CHECK (tested_at IS NOT NULL OR test_fault IS NULL)
);
COMMENT ON COLUMN login_providers.org_id IS 'whose';
COMMENT ON COLUMN login_providers.kind IS 'which provider: okta, entra';
COMMENT ON COLUMN login_providers.enabled IS 'true: switched on as a login method';
COMMENT ON COLUMN login_providers.client_id IS 'of the application in the provider';
COMMENT ON COLUMN login_providers.base_url IS 'of the provider';
COMMENT ON COLUMN login_providers.issuer IS 'of its tokens, exactly as they state it';
COMMENT ON COLUMN login_providers.audience IS 'another audience its tokens may name';
COMMENT ON COLUMN login_providers.sealed_secret IS 'the client secret, encrypted; NULL until one is given';
COMMENT ON COLUMN login_providers.tested_at IS 'when it was last tested; NULL since its last change';
COMMENT ON COLUMN login_providers.test_fault IS 'what that test found wrong; NULL when it passed';

CREATE TABLE login_domains (
    org_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    domain text COLLATE "C" NOT NULL,
    CONSTRAINT login_domains_pk PRIMARY KEY (org_id, kind, domain),
    CONSTRAINT login_domains_provider FOREIGN KEY (org_id, kind)
        REFERENCES login_providers (org_id, kind) ON DELETE CASCADE
);
COMMENT ON COLUMN login_domains.org_id IS 'whose';
COMMENT ON COLUMN login_domains.kind IS 'which provider is offered';
COMMENT ON COLUMN login_domains.domain IS 'to e-mail addresses of this domain, folded';
CREATE INDEX login_domains_by_domain ON login_domains (domain, org_id, kind);

CREATE TABLE login_policies (
    org_id uuid NOT NULL,
    password_sign_in boolean NOT NULL,
    CONSTRAINT login_policies_pk PRIMARY KEY (org_id),
    CONSTRAINT login_policies_organization FOREIGN KEY (org_id) REFERENCES organizations (id)
);
COMMENT ON COLUMN login_policies.org_id IS 'whose; no row: passwords open the panel';
COMMENT ON COLUMN login_policies.password_sign_in IS 'true: a password opens the panel';

CREATE TABLE connections (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    directory text COLLATE "C" NOT NULL,
    profile text COLLATE "C" NOT NULL,
    is_on boolean NOT NULL,
    enabled_at bigint,
    last_request_at bigint,
    live_members bigint NOT NULL DEFAULT 0,
    live_teams bigint NOT NULL DEFAULT 0,
    lost_members bigint NOT NULL DEFAULT 0,
    lost_teams bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT connections_pk PRIMARY KEY (org_id, id),
    CONSTRAINT connections_directory UNIQUE (org_id, directory),
    CONSTRAINT connections_organization FOREIGN KEY (org_id) REFERENCES organizations (id)
);
COMMENT ON COLUMN connections.org_id IS 'whose';
COMMENT ON COLUMN connections.id IS 'the tenant key in the Tenant URL';
COMMENT ON COLUMN connections.directory IS 'the kind of directory that pushes';
COMMENT ON COLUMN connections.profile IS 'how SCIM is read';
COMMENT ON COLUMN connections.is_on IS 'true: turned on';
COMMENT ON COLUMN connections.enabled_at IS 'when it was last turned on';
COMMENT ON COLUMN connections.last_request_at IS 'when the directory was last heard';
COMMENT ON COLUMN connections.live_members IS 'live links to members, kept with every change';
COMMENT ON COLUMN connections.live_teams IS 'live links to teams, kept with every change';
COMMENT ON COLUMN connections.lost_members IS 'lost links to members, kept with every change';
COMMENT ON COLUMN connections.lost_teams IS 'lost links to teams, kept with every change';
COMMENT ON COLUMN connections.version IS 'moves with every effective change';
COMMENT ON COLUMN connections.created_at IS 'when it came to be';

CREATE TABLE tokens (
    digest bytea NOT NULL,
    org_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT tokens_pk PRIMARY KEY (digest),
    CONSTRAINT tokens_connection FOREIGN KEY (org_id, connection_id)
        REFERENCES connections (org_id, id) ON DELETE CASCADE,
    CONSTRAINT tokens_digest_form CHECK (octet_length(digest) = 32)
);
COMMENT ON COLUMN tokens.digest IS 'SHA-256 of the Secret Token: all that is kept of it';
COMMENT ON COLUMN tokens.org_id IS 'whose';
COMMENT ON COLUMN tokens.connection_id IS 'what it opens';
COMMENT ON COLUMN tokens.created_at IS 'when it was issued; it never expires';
CREATE INDEX tokens_of_connection ON tokens (org_id, connection_id);

CREATE TABLE members (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    origin text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    invited_until bigint,
    role text COLLATE "C" NOT NULL,
    login_key text COLLATE "C" NOT NULL,
    email text COLLATE "C",
    email_key text COLLATE "C",
    fold_version integer NOT NULL,
    display_name text COLLATE "C",
    given_name text COLLATE "C",
    family_name text COLLATE "C",
    label text COLLATE "C" NOT NULL,
    label_key text COLLATE "C" NOT NULL,
    search_text text COLLATE "C" NOT NULL,
    attributes text COLLATE "C" NOT NULL,
    has_password boolean NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT members_pk PRIMARY KEY (org_id, id),
    CONSTRAINT members_login_key UNIQUE (org_id, login_key),
    CONSTRAINT members_organization FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT members_status CHECK (status IN ('invited', 'active', 'suspended', 'deactivated')),
    CONSTRAINT members_invited_until CHECK ((status = 'invited') = (invited_until IS NOT NULL)),
    CONSTRAINT members_role CHECK (role IN ('member', 'admin', 'owner')),
    CONSTRAINT members_attributes CHECK (attributes::json IS NOT NULL)
);
COMMENT ON COLUMN members.org_id IS 'whose';
COMMENT ON COLUMN members.id IS 'never changes, never reused';
COMMENT ON COLUMN members.origin IS 'manual, or the kind of directory';
COMMENT ON COLUMN members.status IS 'invited, active, suspended, deactivated';
COMMENT ON COLUMN members.invited_until IS 'when the invitation''s link dies; invited ones alone';
COMMENT ON COLUMN members.role IS 'member, admin, owner';
COMMENT ON COLUMN members.login_key IS 'folded: unique in the organization';
COMMENT ON COLUMN members.email IS 'primary e-mail as given';
COMMENT ON COLUMN members.email_key IS 'the same, folded';
COMMENT ON COLUMN members.fold_version IS 'of login_key, email_key, label_key and search_text';
COMMENT ON COLUMN members.display_name IS 'name for display';
COMMENT ON COLUMN members.given_name IS 'given name';
COMMENT ON COLUMN members.family_name IS 'family name';
COMMENT ON COLUMN members.label IS 'what people call the member, for entries and lists';
COMMENT ON COLUMN members.label_key IS 'the same, folded, to sort by';
COMMENT ON COLUMN members.search_text IS 'folded label, e-mail and directory name, by lines';
COMMENT ON COLUMN members.attributes IS 'a JSON object: what the directory said beyond that';
COMMENT ON COLUMN members.has_password IS 'true: a local password is set';
COMMENT ON COLUMN members.version IS 'moves with every effective change';
COMMENT ON COLUMN members.created_at IS 'when it came to be';
COMMENT ON COLUMN members.updated_at IS 'when it last changed; never goes back';
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
    WHERE status = 'active' AND NOT has_password;

-- The primary address stands beside its member and nearly everybody has no other.
CREATE TABLE further_emails (
    org_id uuid NOT NULL,
    member_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    CONSTRAINT further_emails_pk PRIMARY KEY (org_id, key, member_id),
    CONSTRAINT further_emails_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN further_emails.org_id IS 'whose';
COMMENT ON COLUMN further_emails.member_id IS 'of whom';
COMMENT ON COLUMN further_emails.key IS 'an address beside the primary one, folded';
CREATE INDEX further_emails_of_member ON further_emails (org_id, member_id);

CREATE TABLE teams (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    origin text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    fold_version integer NOT NULL,
    namespace uuid NOT NULL,
    member_count bigint NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT teams_pk PRIMARY KEY (org_id, id),
    CONSTRAINT teams_name UNIQUE (org_id, namespace, name_key),
    CONSTRAINT teams_organization FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT teams_member_count CHECK (member_count >= 0)
);
COMMENT ON COLUMN teams.org_id IS 'whose';
COMMENT ON COLUMN teams.id IS 'never changes, never reused';
COMMENT ON COLUMN teams.origin IS 'manual, or the kind of directory';
COMMENT ON COLUMN teams.name IS 'as given';
COMMENT ON COLUMN teams.name_key IS 'trimmed and folded: unique in its namespace';
COMMENT ON COLUMN teams.fold_version IS 'of name_key';
COMMENT ON COLUMN teams.namespace IS 'the organization''s id or a connection''s';
COMMENT ON COLUMN teams.member_count IS 'kept with every membership';
COMMENT ON COLUMN teams.version IS 'moves with every effective change, membership too';
COMMENT ON COLUMN teams.created_at IS 'when it came to be';
COMMENT ON COLUMN teams.updated_at IS 'when it last changed; never goes back';
CREATE INDEX teams_by_name ON teams (org_id, name_key, id);
CREATE INDEX teams_by_age ON teams (org_id, created_at, id);
CREATE INDEX teams_by_change ON teams (org_id, updated_at, id);

CREATE TABLE links (
    org_id uuid NOT NULL,
    member_id uuid,
    team_id uuid,
    connection_id uuid NOT NULL,
    state text COLLATE "C" NOT NULL,
    external_id text COLLATE "C",
    name text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    email_key text COLLATE "C",
    fold_version integer NOT NULL,
    active boolean NOT NULL,
    moved boolean NOT NULL,
    document text COLLATE "C",
    document_form integer,
    document_version bigint,
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
    CONSTRAINT links_document CHECK ((document IS NULL) = (document_form IS NULL)
        AND (document IS NULL) = (document_version IS NULL))
)
-- Every change of a member changes a document, which no index has: where its page has room for the new
-- row, the indexes stay as they are.
WITH (fillfactor = 85);
COMMENT ON COLUMN links.org_id IS 'whose';
COMMENT ON COLUMN links.member_id IS 'the linked member, or';
COMMENT ON COLUMN links.team_id IS 'the linked team: one of both';
COMMENT ON COLUMN links.connection_id IS 'to which directory';
COMMENT ON COLUMN links.state IS 'live: the directory finds it; lost: no longer';
COMMENT ON COLUMN links.external_id IS 'the directory''s own id of it, exact';
COMMENT ON COLUMN links.name IS 'userName or displayName exactly as sent';
COMMENT ON COLUMN links.key IS 'the same, folded';
COMMENT ON COLUMN links.email_key IS 'the folded primary e-mail as last sent';
COMMENT ON COLUMN links.fold_version IS 'of key and email_key';
COMMENT ON COLUMN links.active IS 'the last word of the directory; always 1 for a team';
COMMENT ON COLUMN links.moved IS 'true: the object''s key is no longer the key as sent';
COMMENT ON COLUMN links.document IS 'the linked member as the directory reads it, if live';
COMMENT ON COLUMN links.document_form IS 'who wrote it: another form is not read';
COMMENT ON COLUMN links.document_version IS 'of which version of the member';
-- What the directory finds is unique. An object edited while its connection was off keeps its
-- link until the connection is turned on again (R13); meanwhile it claims nothing, so that
-- whatever takes its place can be linked first, in any order.
CREATE UNIQUE INDEX links_member_external_id ON links (org_id, connection_id, external_id)
    WHERE state = 'live' AND NOT moved AND member_id IS NOT NULL;
CREATE UNIQUE INDEX links_team_external_id ON links (org_id, connection_id, external_id)
    WHERE state = 'live' AND NOT moved AND team_id IS NOT NULL;
CREATE UNIQUE INDEX links_member_key ON links (org_id, connection_id, key)
    WHERE state = 'live' AND NOT moved AND member_id IS NOT NULL;
CREATE INDEX links_team_key ON links (org_id, connection_id, key, team_id)
    WHERE state = 'live' AND NOT moved AND team_id IS NOT NULL;
CREATE INDEX links_of_members ON links (org_id, connection_id, member_id, state)
    WHERE member_id IS NOT NULL;
CREATE INDEX links_of_teams ON links (org_id, connection_id, team_id, state)
    WHERE team_id IS NOT NULL;

CREATE TABLE memberships (
    org_id uuid NOT NULL,
    team_id uuid NOT NULL,
    member_id uuid NOT NULL,
    CONSTRAINT memberships_pk PRIMARY KEY (org_id, team_id, member_id),
    CONSTRAINT memberships_team FOREIGN KEY (org_id, team_id) REFERENCES teams (org_id, id),
    CONSTRAINT memberships_member FOREIGN KEY (org_id, member_id) REFERENCES members (org_id, id)
);
COMMENT ON COLUMN memberships.org_id IS 'whose';
COMMENT ON COLUMN memberships.team_id IS 'in which team';
COMMENT ON COLUMN memberships.member_id IS 'who';
CREATE INDEX memberships_of_member ON memberships (org_id, member_id, team_id);

CREATE TABLE passwords (
    org_id uuid NOT NULL,
    member_id uuid NOT NULL,
    hash text COLLATE "C" NOT NULL,
    CONSTRAINT passwords_pk PRIMARY KEY (org_id, member_id),
    CONSTRAINT passwords_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN passwords.org_id IS 'whose';
COMMENT ON COLUMN passwords.member_id IS 'whose';
COMMENT ON COLUMN passwords.hash IS 'argon2id, with its parameters and salt';

CREATE TABLE sessions (
    digest bytea NOT NULL,
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    member_id uuid NOT NULL,
    created_at bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ip text COLLATE "C",
    user_agent text COLLATE "C",
    CONSTRAINT sessions_pk PRIMARY KEY (digest),
    CONSTRAINT sessions_id UNIQUE (org_id, id),
    CONSTRAINT sessions_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE,
    CONSTRAINT sessions_digest_form CHECK (octet_length(digest) = 32)
);
COMMENT ON COLUMN sessions.digest IS 'SHA-256 of the session''s token';
COMMENT ON COLUMN sessions.org_id IS 'whose';
COMMENT ON COLUMN sessions.id IS 'may be shown';
COMMENT ON COLUMN sessions.member_id IS 'whose';
COMMENT ON COLUMN sessions.created_at IS 'when it began';
COMMENT ON COLUMN sessions.last_seen_at IS 'when it was last used, to the minute';
COMMENT ON COLUMN sessions.expires_at IS 'when it ends at the latest';
COMMENT ON COLUMN sessions.ip IS 'from which address it began';
COMMENT ON COLUMN sessions.user_agent IS 'by which client it began';
CREATE INDEX sessions_of_member ON sessions (org_id, member_id, created_at);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE provider_sessions (
    org_id uuid NOT NULL,
    session_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    CONSTRAINT provider_sessions_pk PRIMARY KEY (org_id, session_id),
    CONSTRAINT provider_sessions_session FOREIGN KEY (org_id, session_id)
        REFERENCES sessions (org_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN provider_sessions.org_id IS 'whose';
COMMENT ON COLUMN provider_sessions.session_id IS 'a session that began through a provider';
COMMENT ON COLUMN provider_sessions.kind IS 'which provider';

CREATE TABLE identities (
    org_id uuid NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    member_id uuid NOT NULL,
    bound_at bigint NOT NULL,
    last_sign_in_at bigint,
    CONSTRAINT identities_pk PRIMARY KEY (org_id, issuer, subject),
    CONSTRAINT identities_one_of_a_member UNIQUE (org_id, member_id, issuer),
    CONSTRAINT identities_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN identities.org_id IS 'whose';
COMMENT ON COLUMN identities.issuer IS 'who names the subject';
COMMENT ON COLUMN identities.subject IS 'unique and never reassigned within the issuer';
COMMENT ON COLUMN identities.kind IS 'the kind of provider';
COMMENT ON COLUMN identities.member_id IS 'to whom the account is bound';
COMMENT ON COLUMN identities.bound_at IS 'when it was bound';
COMMENT ON COLUMN identities.last_sign_in_at IS 'when the member last signed in by it';

CREATE TABLE pending_logins (
    org_id uuid NOT NULL,
    state bytea NOT NULL,
    browser bytea NOT NULL,
    kind text COLLATE "C" NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    member_id uuid,
    next text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL,
    CONSTRAINT pending_logins_pk PRIMARY KEY (org_id, state),
    CONSTRAINT pending_logins_organization FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT pending_logins_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE,
    CONSTRAINT pending_logins_state_form CHECK (octet_length(state) = 32),
    CONSTRAINT pending_logins_browser_form CHECK (octet_length(browser) = 32)
);
COMMENT ON COLUMN pending_logins.org_id IS 'whose login method';
COMMENT ON COLUMN pending_logins.state IS 'SHA-256 of the state it went out with';
COMMENT ON COLUMN pending_logins.browser IS 'SHA-256 of the key in the browser''s cookie';
COMMENT ON COLUMN pending_logins.kind IS 'which provider was asked';
COMMENT ON COLUMN pending_logins.issuer IS 'under which issuer';
COMMENT ON COLUMN pending_logins.member_id IS 'who asked, while signed in, to have the account bound';
COMMENT ON COLUMN pending_logins.next IS 'a path of ours to go on to';
COMMENT ON COLUMN pending_logins.expires_at IS 'when its answer comes too late';
CREATE INDEX pending_logins_by_end ON pending_logins (expires_at);
CREATE INDEX pending_logins_of_member ON pending_logins (org_id, member_id);

CREATE TABLE resets (
    org_id uuid NOT NULL,
    member_id uuid NOT NULL,
    digest bytea NOT NULL,
    expires_at bigint NOT NULL,
    CONSTRAINT resets_pk PRIMARY KEY (org_id, member_id),
    CONSTRAINT resets_digest UNIQUE (digest),
    CONSTRAINT resets_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE,
    CONSTRAINT resets_digest_form CHECK (octet_length(digest) = 32)
);
COMMENT ON COLUMN resets.org_id IS 'whose';
COMMENT ON COLUMN resets.member_id IS 'whose';
COMMENT ON COLUMN resets.digest IS 'SHA-256 of the token in the link';
COMMENT ON COLUMN resets.expires_at IS 'when the link dies';
CREATE INDEX resets_by_end ON resets (expires_at);

CREATE TABLE invitations (
    org_id uuid NOT NULL,
    member_id uuid NOT NULL,
    digest bytea NOT NULL,
    sent_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    CONSTRAINT invitations_pk PRIMARY KEY (org_id, member_id),
    CONSTRAINT invitations_digest UNIQUE (digest),
    CONSTRAINT invitations_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE,
    CONSTRAINT invitations_digest_form CHECK (octet_length(digest) = 32)
);
COMMENT ON COLUMN invitations.org_id IS 'whose';
COMMENT ON COLUMN invitations.member_id IS 'who is invited';
COMMENT ON COLUMN invitations.digest IS 'SHA-256 of the token in the link';
COMMENT ON COLUMN invitations.sent_at IS 'when the link was last sent';
COMMENT ON COLUMN invitations.expires_at IS 'when the link dies';

CREATE TABLE invitation_teams (
    org_id uuid NOT NULL,
    member_id uuid NOT NULL,
    position bigint NOT NULL,
    team_id uuid NOT NULL,
    CONSTRAINT invitation_teams_pk PRIMARY KEY (org_id, member_id, position),
    CONSTRAINT invitation_teams_invitation FOREIGN KEY (org_id, member_id)
        REFERENCES invitations (org_id, member_id) ON DELETE CASCADE,
    CONSTRAINT invitation_teams_team FOREIGN KEY (org_id, team_id)
        REFERENCES teams (org_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN invitation_teams.org_id IS 'whose';
COMMENT ON COLUMN invitation_teams.member_id IS 'who is invited';
COMMENT ON COLUMN invitation_teams.position IS 'the order in which the teams were chosen';
COMMENT ON COLUMN invitation_teams.team_id IS 'a team to join on accepting';
CREATE INDEX invitation_teams_of_team ON invitation_teams (org_id, team_id);

CREATE TABLE link_requests (
    org_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    member_id uuid NOT NULL,
    requested_at bigint NOT NULL,
    allowed_until bigint,
    CONSTRAINT link_requests_pk PRIMARY KEY (org_id, connection_id, member_id),
    CONSTRAINT link_requests_connection FOREIGN KEY (org_id, connection_id)
        REFERENCES connections (org_id, id) ON DELETE CASCADE,
    CONSTRAINT link_requests_member FOREIGN KEY (org_id, member_id)
        REFERENCES members (org_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN link_requests.org_id IS 'whose';
COMMENT ON COLUMN link_requests.connection_id IS 'which directory asks';
COMMENT ON COLUMN link_requests.member_id IS 'for which owner or admin';
COMMENT ON COLUMN link_requests.requested_at IS 'when it asked last';
COMMENT ON COLUMN link_requests.allowed_until IS 'until when an owner has allowed it';
CREATE INDEX link_requests_of_member ON link_requests (org_id, member_id);

CREATE TABLE activity (
    org_id uuid NOT NULL,
    id uuid NOT NULL,
    at bigint NOT NULL,
    actor_kind text COLLATE "C" NOT NULL,
    actor_id text COLLATE "C",
    actor_label text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    target_kind text COLLATE "C" NOT NULL,
    target_id text COLLATE "C" NOT NULL,
    target_label text COLLATE "C" NOT NULL,
    related_kind text COLLATE "C",
    related_id text COLLATE "C",
    related_label text COLLATE "C",
    changes text COLLATE "C" NOT NULL,
    request_id uuid NOT NULL,
    ip text COLLATE "C",
    user_agent text COLLATE "C",
    repeat_key text COLLATE "C",
    CONSTRAINT activity_pk PRIMARY KEY (org_id, id),
    CONSTRAINT activity_organization FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT activity_kind CHECK (kind IN ('change', 'warning')),
    CONSTRAINT activity_related CHECK ((related_kind IS NULL) = (related_id IS NULL))
);
COMMENT ON COLUMN activity.org_id IS 'whose';
COMMENT ON COLUMN activity.id IS 'time-ordered';
COMMENT ON COLUMN activity.at IS 'when';
COMMENT ON COLUMN activity.actor_kind IS 'member, directory, system';
COMMENT ON COLUMN activity.actor_id IS 'the member''s or connection''s id';
COMMENT ON COLUMN activity.actor_label IS 'what people called the actor';
COMMENT ON COLUMN activity.action IS 'what happened';
COMMENT ON COLUMN activity.kind IS 'change, warning';
COMMENT ON COLUMN activity.target_kind IS 'what kind of object it happened to';
COMMENT ON COLUMN activity.target_id IS 'its id; the object may be gone';
COMMENT ON COLUMN activity.target_label IS 'its label at the time';
COMMENT ON COLUMN activity.related_kind IS 'the other object concerned';
COMMENT ON COLUMN activity.related_id IS 'its id';
COMMENT ON COLUMN activity.related_label IS 'its label at the time';
COMMENT ON COLUMN activity.changes IS 'a JSON array of [field, before, after]';
COMMENT ON COLUMN activity.request_id IS 'through which request';
COMMENT ON COLUMN activity.ip IS 'from which address';
COMMENT ON COLUMN activity.user_agent IS 'by which client';
COMMENT ON COLUMN activity.repeat_key IS 'what a warning says, to tell repetitions';
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
    id uuid NOT NULL,
    org_id uuid NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    body text COLLATE "C" NOT NULL,
    attempts bigint NOT NULL,
    due_at bigint NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT outbox_pk PRIMARY KEY (id),
    CONSTRAINT outbox_organization FOREIGN KEY (org_id) REFERENCES organizations (id)
);
COMMENT ON COLUMN outbox.id IS 'the mail';
COMMENT ON COLUMN outbox.org_id IS 'whose';
COMMENT ON COLUMN outbox.recipient IS 'to whom';
COMMENT ON COLUMN outbox.subject IS 'subject';
COMMENT ON COLUMN outbox.body IS 'plain text; may hold a one-time link';
COMMENT ON COLUMN outbox.attempts IS 'how often it was handed to a worker';
COMMENT ON COLUMN outbox.due_at IS 'when a worker may take it: sending, lease or retry';
COMMENT ON COLUMN outbox.created_at IS 'when it was put there';
CREATE INDEX outbox_by_due ON outbox (due_at, id);

CREATE TABLE attempts (
    key bytea NOT NULL,
    count bigint NOT NULL,
    window_ends_at bigint NOT NULL,
    CONSTRAINT attempts_pk PRIMARY KEY (key)
);
COMMENT ON COLUMN attempts.key IS 'the digest of an account or address';
COMMENT ON COLUMN attempts.count IS 'attempts in the window';
COMMENT ON COLUMN attempts.window_ends_at IS 'when it begins anew';
CREATE INDEX attempts_by_end ON attempts (window_ends_at);
