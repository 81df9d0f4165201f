import { useEffect, useState } from "preact/hooks";
import { signIn, token } from "../api/session.ts";
import { showTitle } from "../tab.ts";

/** Asks for a token. What is shown behind it comes back by itself. */
export function SignIn() {
  const [text, setText] = useState("");
  const isWrong = token.value !== null;
  useEffect(() => showTitle("Sign in"), []);
  return (
    <form
      class="card stack"
      onSubmit={(event) => {
        event.preventDefault();
        signIn(text.trim());
      }}
    >
      <h1>Sign in</h1>
      <p>
        {isWrong
          ? "The token of this browser is not valid any more. "
          : "This service needs a token. "}
        The first one was printed when the service started for the first time, or is in{" "}
        <code>SLUICE_TOKEN</code>; <code>sluice token create</code> makes another.
      </p>
      <label class="stack">
        Token
        <input
          type="password"
          autocomplete="current-password"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <div>
        <button type="submit" class="primary" disabled={text.trim() === ""}>
          Sign in
        </button>
      </div>
    </form>
  );
}
