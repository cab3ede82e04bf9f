import type { BuyerErasure, BuyerExport } from '@onsale/contracts/http/buyer-data-routes';
import type { Command } from 'commander';
import { callAdmin } from '../admin-client.ts';
import type { CommandContext } from './command-context.ts';

/** `buyer export|erase --user <userId>`: what a buyer may ask about their data. */
export function addBuyerCommand(program: Command, context: CommandContext): void {
  const buyer = program
    .command('buyer')
    .description('the data of one buyer; docs/privacy.md says where it is');
  const print = (value: unknown) => console.log(JSON.stringify(value, null, 2));

  buyer
    .command('export')
    .description('everything stored of a buyer, as one JSON document')
    .requiredOption('--user <userId>', 'the buyer')
    .action(async ({ user }: { user: string }) =>
      print(
        await callAdmin<BuyerExport>(await context.admin(), 'POST', '/admin/buyers/export', { userId: user }),
      ),
    );

  buyer
    .command('erase')
    .description(
      'erase a buyer for good: accounts keep a pseudonym; repeating it finishes one that was cut off',
    )
    .requiredOption('--user <userId>', 'the buyer')
    .action(async ({ user }: { user: string }) => {
      const body = { userId: user, confirm: user };
      print(await callAdmin<BuyerErasure>(await context.admin(), 'POST', '/admin/buyers/erase', body));
    });
}
