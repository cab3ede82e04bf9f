import type { GateCheck } from '@onsale/contracts/http/gate-check-route';
import type { Command } from 'commander';
import { callAdmin } from '../admin-client.ts';
import type { CommandContext } from './command-context.ts';

/** `gate check <code>`: lets the holder of a ticket in, once. */
export function addGateCommand(program: Command, context: CommandContext): void {
  program
    .command('gate')
    .description('tickets at the gate')
    .command('check <code>')
    .description('check what a ticket’s QR code says, and let its holder in; exits 1 for whom it does not')
    .option('--event <eventId>', 'the event at this gate (default: any)')
    .option('--gate <name>', 'where: shown when the ticket comes again', 'gate')
    .action(async (code: string, { event, gate }: { event?: string; gate: string }) => {
      const body = { code, gate, ...(event === undefined ? {} : { eventId: event }) };
      const answer = await callAdmin<GateCheck>(await context.admin(), 'POST', '/admin/gate/check', body);
      console.log(JSON.stringify(answer, null, 2));
      if (answer.outcome !== 'admitted') process.exitCode = 1;
    });
}
