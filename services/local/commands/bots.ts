import type { BotsStatus } from '@onsale/contracts/http/bots-routes';
import { Argument, type Command } from 'commander';
import { callAdmin } from '../admin-client.ts';
import type { CommandContext } from './command-context.ts';

/** `bots on|off|status`: switches the bots of practice rounds. */
export function addBotsCommand(program: Command, context: CommandContext): void {
  const urlOfRun = async () => {
    const [url] = (await context.localRun()).internal['bots'] ?? [];
    if (url === undefined)
      throw new Error('The local runner has no bots: start it with npm start -- --bots 20');
    return url;
  };
  program
    .command('bots')
    .description('switch the bots of practice rounds; off is answered when they hold nothing any more')
    .addArgument(new Argument('<what>', 'what to do').choices(['on', 'off', 'status']))
    .option('--bots-url <url>', 'internal address of the bots (default: the local runner’s)')
    .action(async (what: 'on' | 'off' | 'status', options: { botsUrl?: string }) => {
      const url = options.botsUrl?.replace(/\/$/, '') ?? (await urlOfRun());
      const bots = { url, token: context.adminToken() };
      const status =
        what === 'status'
          ? await callAdmin<BotsStatus>(bots, 'GET', '/admin/bots')
          : await callAdmin<BotsStatus>(bots, 'POST', `/admin/bots/${what}`);
      console.log(JSON.stringify(status, null, 2));
    });
}
