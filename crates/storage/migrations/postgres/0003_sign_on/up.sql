-- Signing in through an identity provider. One row a provider takes the place of the one row an
-- organization that knew Okta alone.

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

INSERT INTO login_providers
    (org_id, kind, enabled, client_id, base_url, issuer, audience, sealed_secret)
SELECT org_id, 'okta', okta_enabled, okta_client_id, okta_base_url, okta_issuer, okta_audience,
    okta_sealed_secret
FROM login_methods;

DROP TABLE login_methods;

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

-- Owners who may sign in, by whatever way; the older index knew passwords alone.
CREATE INDEX members_active_owners ON members (org_id, id)
    WHERE role = 'owner' AND status = 'active';
DROP INDEX members_owners;
-- Who has to sign in through a provider (R06).
CREATE INDEX members_without_password ON members (org_id, origin)
    WHERE status = 'active' AND NOT has_password;
