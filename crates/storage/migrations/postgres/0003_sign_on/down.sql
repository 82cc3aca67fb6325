DROP INDEX members_without_password;
DROP INDEX members_active_owners;
CREATE INDEX members_owners ON members (org_id, id)
    WHERE role = 'owner' AND status = 'active' AND has_password;

CREATE TABLE login_methods (
    org_id uuid NOT NULL,
    okta_enabled boolean NOT NULL,
    okta_client_id text COLLATE "C" NOT NULL,
    okta_base_url text COLLATE "C" NOT NULL,
    okta_issuer text COLLATE "C" NOT NULL,
    okta_audience text COLLATE "C" NOT NULL,
    okta_sealed_secret bytea,
    CONSTRAINT login_methods_pk PRIMARY KEY (org_id),
    CONSTRAINT login_methods_organization FOREIGN KEY (org_id) REFERENCES organizations (id)
);
COMMENT ON COLUMN login_methods.org_id IS 'whose';
COMMENT ON COLUMN login_methods.okta_enabled IS 'true: switched on as a login method';
COMMENT ON COLUMN login_methods.okta_client_id IS 'of the application in Okta';
COMMENT ON COLUMN login_methods.okta_base_url IS 'of the Okta organization';
COMMENT ON COLUMN login_methods.okta_issuer IS 'of its tokens';
COMMENT ON COLUMN login_methods.okta_audience IS 'of its tokens';
COMMENT ON COLUMN login_methods.okta_sealed_secret IS 'the client secret, encrypted; NULL until one is given';

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
