// Session of a recruiter: the access token (kept for this tab only), and calls made with it.

import { call } from "./api.js";

const KEY = "viva.recruiter";

export class Session {
  /** `onSignedOut(message)` runs when the server no longer takes the token. */
  constructor(onSignedOut) {
    this.onSignedOut = onSignedOut;
    this.token = sessionStorage.getItem(KEY);
  }

  get signedIn() {
    return this.token !== null;
  }

  /** Throws ApiError. */
  async signIn(email, password) {
    const answer = await call("POST", "/api/v1/auth/token", { body: { email, password } });
    this.token = answer.access_token;
    sessionStorage.setItem(KEY, this.token);
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
    sessionStorage.removeItem(KEY);
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
