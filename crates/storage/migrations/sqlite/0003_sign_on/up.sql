-- Signing in through an identity provider. One row a provider takes the place of the one row an
-- organization that knew Okta alone.

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

INSERT INTO login_providers
    (org_id, kind, enabled, client_id, base_url, issuer, audience, sealed_secret)
SELECT org_id, 'okta', okta_enabled, okta_client_id, okta_base_url, okta_issuer, okta_audience,
    okta_sealed_secret
FROM login_methods;

DROP TABLE login_methods;

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

CREATE TABLE provider_sessions (
    org_id BLOB NOT NULL,                 -- whose
    session_id BLOB NOT NULL,             -- a session that began through a provider
    kind TEXT NOT NULL,                   -- which provider
    CONSTRAINT provider_sessions_pk PRIMARY KEY (org_id, session_id),
    CONSTRAINT provider_sessions_session FOREIGN KEY (org_id, session_id)
        REFERENCES sessions (org_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Owners who may sign in, by whatever way; the older index knew passwords alone.
CREATE INDEX members_active_owners ON members (org_id, id)
    WHERE role = 'owner' AND status = 'active';
DROP INDEX members_owners;
-- Who has to sign in through a provider (R06).
CREATE INDEX members_without_password ON members (org_id, origin)
    WHERE status = 'active' AND has_password = 0;
