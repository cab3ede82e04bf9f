/** Tells the simulated payment provider what to do with the payments that come next. */
export async function setPaymentBehaviour(providerUrl: string, behaviour: string): Promise<void> {
  const answer = await fetch(`${providerUrl}/behaviour`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ behaviour }),
  });
  if (!answer.ok) throw new Error(`the payment provider knows no behaviour ${behaviour}`);
}
