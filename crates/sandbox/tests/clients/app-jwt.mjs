// Prints what a GitHub App signs to say who it is, as octokit makes it.
// Usage: node app-jwt.mjs APP_ID KEY.pem
import { readFileSync } from "node:fs";
import { argv } from "node:process";
import { App } from "octokit";

const [appId, key] = argv.slice(2);
const app = new App({ appId, privateKey: readFileSync(key, "utf8") });
const { token } = await app.octokit.auth({ type: "app" });
console.log(token);
