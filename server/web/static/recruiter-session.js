// Session of a recruiter: the access token (kept for this tab only), and calls made with it.

import { call } from "./api.js";

const KEY = "viva.recruiter";
const RIGHTS = "viva.rights"; // what the role allows, as the server's own table says

export class Session {
  /** `onSignedOut(message)` runs when the server no longer takes the token. */
  constructor(onSignedOut) {
    this.onSignedOut = onSignedOut;
    this.token = sessionStorage.getItem(KEY);
    this.rights = JSON.parse(sessionStorage.getItem(RIGHTS));
  }

  get signedIn() {
    return this.token !== null;
  }

  /** Throws ApiError. */
  async signIn(email, password) {
    const answer = await call("POST", "/api/v1/auth/token", { body: { email, password } });
    this.token = answer.access_token;
    sessionStorage.setItem(KEY, this.token);
    await this.learnRights();
  }

  /** Whether the role allows it; yes while that is not known, as the server checks by itself. */
  may(right) {
    return this.rights?.includes(right) ?? true;
  }

  /** Asks what the role allows now; true where that is something else than was known. */
  async learnRights() {
    const before = sessionStorage.getItem(RIGHTS);
    const me = await this.api("GET", "/me").catch(() => null); // the server still refuses
    if (!me?.rights) return false;
    this.rights = me.rights;
    sessionStorage.setItem(RIGHTS, JSON.stringify(me.rights));
    return sessionStorage.getItem(RIGHTS) !== before;
  }

  /** Signs out for good: the server ends all tokens and sockets of this user. The page does not
   * wait for it: a person who leaves the computer wants to see nothing at once. */
  leave() {
    const { token } = this;
    this.signOut();
    call("POST", "/api/v1/auth/sign-out", { token }).catch(() => {}); // it expires by itself
  }

  signOut(message = "") {
    this.token = null;
    this.rights = null;
    for (const key of [KEY, RIGHTS]) sessionStorage.removeItem(key);
    this.onSignedOut(message);
  }

  /** As `call`, as the person signed in, under /api/v1. Throws ApiError. */
  async api(method, path, options = {}) {
    try {
      return await call(method, `/api/v1${path}`, { ...options, token: this.token });
    } catch (error) {
      if (error.status === 401) this.signOut("Please sign in again.");
      throw error;
    }
  }
}
