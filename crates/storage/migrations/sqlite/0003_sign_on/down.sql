DROP INDEX members_without_password;
DROP INDEX members_active_owners;
CREATE INDEX members_owners ON members (org_id, id)
    WHERE role = 'owner' AND status = 'active' AND has_password = 1;

CREATE TABLE login_methods (
    org_id BLOB NOT NULL,                 -- whose
    okta_enabled INTEGER NOT NULL,        -- 1: switched on as a login method
    okta_client_id TEXT NOT NULL,         -- of the application in Okta
    okta_base_url TEXT NOT NULL,          -- of the Okta organization
    okta_issuer TEXT NOT NULL,            -- of its tokens
    okta_audience TEXT NOT NULL,          -- of its tokens
    okta_sealed_secret BLOB,              -- the client secret, encrypted; NULL until one is given
    CONSTRAINT login_methods_pk PRIMARY KEY (org_id),
    CONSTRAINT login_methods_organization FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT login_methods_okta_enabled CHECK (okta_enabled IN (0, 1))
) STRICT, WITHOUT ROWID;

INSERT INTO login_methods
    (org_id, okta_enabled, okta_client_id, okta_base_url, okta_issuer, okta_audience,
     okta_sealed_secret)
SELECT org_id, enabled, client_id, base_url, issuer, audience, sealed_secret
FROM login_providers WHERE kind = 'okta';

DROP TABLE provider_sessions;
DROP TABLE pending_logins;
DROP TABLE identities;
DROP TABLE login_policies;
DROP TABLE login_domains;
DROP TABLE login_providers;
