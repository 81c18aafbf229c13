// Passkeys of staff (WebAuthn). The code field beside each button does the same without a script.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

function written(made) {
  const response = {};
  for (const name of ["clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject"]) {
    if (made.response[name]) response[name] = text(made.response[name]);
  }
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} });
}

async function ask(box) {
  const body = new URLSearchParams({ csrf_token: box.closest("form").elements.csrf_token.value });
  const answer = await fetch(box.dataset.passkey, { method: "POST", body, redirect: "error" });
  if (!answer.ok) throw new Error(answer.status);
  const asked = await answer.json();
  return navigator.credentials.get({ publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: known(asked.allowCredentials) } });
}

function make(box) {
  const asked = JSON.parse(box.dataset.passkeyOptions);
  const user = { ...asked.user, id: bytes(asked.user.id) };
  return navigator.credentials.create({ publicKey: { ...asked, user, challenge: bytes(asked.challenge), excludeCredentials: known(asked.excludeCredentials) } });
}

function offer(box) {
  const said = box.querySelector("[role=status]");
  const button = box.querySelector("button");
  const form = box.closest("form");
  let busy = false;
  box.hidden = false;
  form.querySelector("[data-passkey-cannot]")?.remove();
  button.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    said.textContent = said.dataset.wait;
    try {
      form.elements.passkey.value = written(await (box.dataset.passkey ? ask(box) : make(box)));
      form.requestSubmit(form.querySelector("button[type=submit]"));
    } catch {
      said.textContent = said.dataset.failed;
    }
    busy = false;
  });
}

// A passkey is made for one address; anywhere else the browser would refuse it with a riddle.
for (const box of document.querySelectorAll("[data-passkey], [data-passkey-options]")) {
  if (window.PublicKeyCredential && location.origin === box.dataset.origin) offer(box);
}
