import { App } from 'aws-cdk-lib';
import { addDeployment } from '../lib/deployment.ts';

const app = new App();
addDeployment(app);
app.synth();
