import { App } from 'aws-cdk-lib';
import { addDeployment } from '../lib/deployment.ts';
import { keptContext } from '../lib/profile/kept-context.ts';

const app = new App();
const profile: unknown = app.node.tryGetContext('profile');
if (typeof profile === 'string') {
  for (const [key, value] of Object.entries(keptContext(profile)))
    if (app.node.tryGetContext(key) === undefined) app.node.setContext(key, value);
}
addDeployment(app);
app.synth();
