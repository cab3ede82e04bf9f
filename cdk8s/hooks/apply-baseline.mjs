// Sets the minimum of a scaled object once, where no operator owns it. Server-side apply: the field becomes this
// manager's, and the operator takes it over by force when it comes.
import { readFileSync } from 'node:fs';

const { API_SERVER, TOKEN_FILE, RESOURCE, BODY } = process.env;
const answer = await fetch(`${API_SERVER}${RESOURCE}?fieldManager=onsale-baseline&force=true`, {
  method: 'PATCH',
  headers: {
    authorization: `Bearer ${readFileSync(TOKEN_FILE, 'utf8').trim()}`,
    'content-type': 'application/apply-patch+yaml',
  },
  body: BODY,
});
console.log(`${RESOURCE}: ${answer.status}`);
if (!answer.ok) {
  console.error(await answer.text());
  process.exitCode = 1;
}
