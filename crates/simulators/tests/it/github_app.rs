//! The GitHub App: whose assertion is believed, what its tokens see, and when
//! they end.

use std::time::Duration;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use simulators::github::{App, NewRepository, SAMPLE_APP_KEY, Workflow, git::Repository};

use crate::rest_client::{Reply, TOKEN, World};

const APP_ID: u64 = 4_711;

/// A world whose App is installed for `acme`, and not for `other`.
struct Installed {
    world: World,
    installation: u64,
    _directory: tempfile::TempDir,
}

impl Installed {
    async fn start() -> Self {
        let world = World::start().await;
        let directory = tempfile::tempdir().unwrap();
        for (owner, name) in [("acme", "billing"), ("other", "secret")] {
            let git = Repository::init(&directory.path().join(name), "main").unwrap();
            let new = NewRepository {
                owner: owner.to_owned(),
                name: name.to_owned(),
                git,
                default_branch: "main".to_owned(),
                environments: Vec::new(),
                workflow: Workflow::default(),
            };
            world.github.add_repository(new).unwrap();
        }
        world.github.register_app(App::sample(APP_ID, "deploybot"));
        let installation = world.github.install_app("acme", None);
        Self {
            world,
            installation,
            _directory: directory,
        }
    }

    fn now(&self) -> i64 {
        self.world.github.clock().now().as_second()
    }

    /// An assertion that GitHub believes.
    fn assertion(&self) -> String {
        let now = self.now();
        signed(&json!({"iss": APP_ID, "iat": now - 60, "exp": now + 540}))
    }

    async fn ask(&self, bearer: &str, method: Method, path: &str, body: &str) -> Reply {
        let bearer = format!("Bearer {bearer}");
        let headers = [("authorization", bearer.as_str())];
        self.world
            .send(method, path, &headers, body.to_owned())
            .await
            .unwrap()
    }

    async fn get(&self, bearer: &str, path: &str) -> Reply {
        self.ask(bearer, Method::GET, &format!("/api/v3{path}"), "")
            .await
    }

    async fn mint(&self, body: &str) -> Reply {
        let path = format!(
            "/api/v3/app/installations/{}/access_tokens",
            self.installation
        );
        self.ask(&self.assertion(), Method::POST, &path, body).await
    }

    async fn token(&self) -> String {
        let reply = self.mint("").await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
        reply.json()["token"].as_str().unwrap().to_owned()
    }

    async fn query(&self, bearer: &str, query: &str) -> Value {
        let body = json!({ "query": query }).to_string();
        self.ask(bearer, Method::POST, "/api/graphql", &body)
            .await
            .json()
    }
}

/// Claims as a token that is signed with the sample key.
fn signed(claims: &Value) -> String {
    signed_as(&json!({"alg": "RS256", "typ": "JWT"}), claims)
}

fn signed_as(header: &Value, claims: &Value) -> String {
    let pem: String = SAMPLE_APP_KEY
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let key = RsaKeyPair::from_der(&BASE64_STANDARD.decode(pem).unwrap()).unwrap();
    let part = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let mut signature = vec![0; key.public().modulus_len()];
    let random = ring::rand::SystemRandom::new();
    key.sign(
        &RSA_PKCS1_SHA256,
        &random,
        message.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn an_assertion_is_believed_for_what_it_is() {
    let installed = Installed::start().await;
    let now = installed.now();
    let good = installed.assertion();
    let app = installed.get(&good, "/app").await.json();
    assert_eq!(
        (&app["id"], &app["slug"], &app["installations_count"]),
        (&json!(APP_ID), &json!("deploybot"), &json!(1))
    );
    let as_text = signed(&json!({"iss": APP_ID.to_string(), "iat": now, "exp": now + 600}));
    assert_eq!(installed.get(&as_text, "/app").await.status, StatusCode::OK);

    let (unsigned, _) = good.rsplit_once('.').unwrap();
    let undecodable = "401 A JSON web token could not be decoded";
    let expired = "401 'Expiration time' claim ('exp') must be a numeric value representing the \
                   future time at which the assertion expires";
    let issued = "401 'Issued at' claim ('iat') must be an Integer representing the time that the \
                  assertion was issued";
    for (bearer, refusal) in [
        (TOKEN.to_owned(), undecodable),
        (format!("{unsigned}.AAAA"), undecodable),
        (
            signed_as(
                &json!({"alg": "HS256"}),
                &json!({"iss": APP_ID, "iat": now, "exp": now + 60}),
            ),
            undecodable,
        ),
        (
            signed(&json!({"iat": now, "exp": now + 60})),
            "401 'Issuer' claim ('iss') must be an Integer",
        ),
        (
            signed(&json!({"iss": 1, "iat": now, "exp": now + 60})),
            "404 Integration not found",
        ),
        (
            signed(&json!({"iss": APP_ID, "iat": now - 60, "exp": now + 700})),
            "401 'Expiration time' claim ('exp') is too far in the future",
        ),
        (
            signed(&json!({"iss": APP_ID, "iat": now - 60, "exp": now - 1})),
            expired,
        ),
        (signed(&json!({"iss": APP_ID, "iat": now - 60})), expired),
        (signed(&json!({"iss": APP_ID, "exp": now + 60})), issued),
        (
            signed(&json!({"iss": APP_ID, "iat": now + 90, "exp": now + 300})),
            issued,
        ),
    ] {
        assert_eq!(
            installed.get(&bearer, "/app").await.refusal(),
            refusal,
            "{bearer}"
        );
    }
    // An assertion opens nothing else.
    let elsewhere = installed.get(&good, "/repos/acme/people").await;
    assert_eq!(elsewhere.refusal(), "401 Bad credentials");
}

#[tokio::test]
async fn an_installation_is_found_by_owner_and_repository() {
    let installed = Installed::start().await;
    let assertion = installed.assertion();
    let id = json!(installed.installation);
    for path in [
        "/users/acme/installation".to_owned(),
        "/orgs/acme/installation".to_owned(),
        "/repos/Acme/people/installation".to_owned(),
        format!("/app/installations/{id}"),
    ] {
        let found = installed.get(&assertion, &path).await.json();
        assert_eq!(
            (&found["id"], &found["account"]["login"], &found["app_id"]),
            (&id, &json!("acme"), &json!(APP_ID)),
            "{path}"
        );
    }
    for path in [
        "/users/other/installation",
        "/orgs/bora/installation",
        "/repos/other/secret/installation",
        "/repos/acme/nope/installation",
        "/app/installations/1",
    ] {
        let reply = installed.get(&assertion, path).await;
        assert_eq!(reply.refusal(), "404 Not Found", "{path}");
    }
    installed.world.github.install_app("other", Some(&["none"]));
    let all = installed
        .get(&assertion, "/app/installations?per_page=1")
        .await;
    assert_eq!(all.json()[0]["id"], id);
    assert!(
        all.header("link").contains("rel=\"next\""),
        "{:?}",
        all.headers
    );
    // It does not see this one there.
    let hidden = installed
        .get(&assertion, "/repos/other/secret/installation")
        .await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_token_sees_its_owners_repositories_alone() {
    let installed = Installed::start().await;
    let minted = installed.mint("").await.json();
    let token = minted["token"].as_str().unwrap();
    assert!(token.starts_with("ghs_"), "{token}");
    assert_eq!(minted["repository_selection"], "all");
    assert_eq!(minted["permissions"]["deployments"], "write");
    let ends: Timestamp = minted["expires_at"].as_str().unwrap().parse().unwrap();
    let lasts = ends.as_second() - installed.now();
    assert!((3_590..=3_600).contains(&lasts), "{lasts}");

    let seen = installed.get(token, "/repos/acme/people").await;
    assert_eq!(seen.status, StatusCode::OK);
    for path in [
        "/repos/other/secret",
        "/repos/other/secret/deployments",
        "/repos/other/secret/branches",
    ] {
        let hidden = installed.get(token, path).await;
        assert_eq!(hidden.refusal(), "404 Not Found", "{path}");
    }
    let listed = installed
        .get(token, "/installation/repositories?per_page=1&page=2")
        .await;
    assert_eq!(listed.json()["total_count"], 2);
    assert_eq!(listed.json()["repositories"][0]["full_name"], "acme/people");
    assert!(listed.header("link").contains("rel=\"prev\""));
    let plain = installed.get(TOKEN, "/installation/repositories").await;
    assert_eq!(plain.status, StatusCode::FORBIDDEN);
    assert_eq!(
        installed.get(token, "/user").await.refusal(),
        "403 Resource not accessible by integration"
    );
    let all = installed.get(TOKEN, "/repos/other/secret").await;
    assert_eq!(all.status, StatusCode::OK, "a plain token sees all");
    let node = all.json()["node_id"].as_str().unwrap().to_owned();

    let answer = installed
        .query(
            token,
            &format!(
                r#"{{
                  viewer {{ login }}
                  rateLimit {{ limit remaining }}
                  people: repository(owner: "acme", name: "people") {{ name }}
                  secret: repository(owner: "other", name: "secret") {{ name }}
                  node(id: "{node}") {{ id }}
                  owner: repositoryOwner(login: "other") {{ repositories(first: 5) {{ totalCount }} }}
                }}"#
            ),
        )
        .await;
    assert_eq!(
        answer["data"],
        json!({
            "viewer": {"login": "deploybot[bot]"},
            "rateLimit": {"limit": 5_000, "remaining": 4_999},
            "people": {"name": "people"},
            "secret": null,
            "node": null,
            "owner": {"repositories": {"totalCount": 0}},
        })
    );
    let kinds: Vec<&Value> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["type"])
        .collect();
    assert_eq!(kinds, ["NOT_FOUND", "NOT_FOUND"]);
}

#[tokio::test]
async fn a_token_can_be_given_out_for_a_part() {
    let installed = Installed::start().await;
    let minted = installed
        .mint(r#"{"repositories": ["people"]}"#)
        .await
        .json();
    assert_eq!(minted["repository_selection"], "selected");
    let token = minted["token"].as_str().unwrap();
    let seen = installed.get(token, "/repos/acme/people").await;
    assert_eq!(seen.status, StatusCode::OK);
    let hidden = installed.get(token, "/repos/acme/billing").await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    let refused = installed.mint(r#"{"repositories": ["secret"]}"#).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_a_token_makes_is_made_by_the_app() {
    let installed = Installed::start().await;
    let token = installed.token().await;
    let body = json!({"ref": "main", "auto_merge": false, "required_contexts": []}).to_string();
    let path = "/api/v3/repos/acme/people/deployments";
    let made = installed
        .ask(&token, Method::POST, path, &body)
        .await
        .json();
    assert_eq!(
        (&made["creator"]["login"], &made["creator"]["type"]),
        (&json!("deploybot[bot]"), &json!("Bot"))
    );
}

#[tokio::test]
async fn a_token_ends_when_its_time_is_over_or_it_is_taken_away() {
    let installed = Installed::start().await;
    let github = &installed.world.github;
    let bad = "401 Bad credentials";
    let path = "/repos/acme/people";

    let token = installed.token().await;
    assert_eq!(installed.get(&token, path).await.status, StatusCode::OK);
    github.expire_tokens();
    assert_eq!(installed.get(&token, path).await.refusal(), bad);
    let graphql = installed.query(&token, "{ viewer { login } }").await;
    assert_eq!(graphql["message"], "Bad credentials");

    github.set_token_lifetime(Duration::from_secs(90));
    let token = installed.token().await;
    assert_eq!(installed.get(&token, path).await.status, StatusCode::OK);
    github.clock().set_shift(SignedDuration::from_secs(91));
    assert_eq!(installed.get(&token, path).await.refusal(), bad);
    github.clock().set_shift(SignedDuration::ZERO);

    let token = installed.token().await;
    let revoke = "/api/v3/installation/token";
    let revoked = installed.ask(&token, Method::DELETE, revoke, "").await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    assert_eq!(installed.get(&token, path).await.refusal(), bad);

    let token = installed.token().await;
    github.uninstall_app("acme");
    assert_eq!(installed.get(&token, path).await.refusal(), bad);
    assert_eq!(installed.mint("").await.refusal(), "404 Not Found");
}
