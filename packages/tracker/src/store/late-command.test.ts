import { expect, it } from 'vitest';
import { newFenceState, StallFence } from '../life/stall-fence.ts';
import { latenessLimits } from '../limits.ts';
import { World } from '../testing/world.ts';

it('a command that waited while its tracker stood still is refused and leaves nothing; sent again it is done', async () => {
  let nowMs = 10_000;
  const clock = () => nowMs;
  const fence = new StallFence(newFenceState(), clock, clock);
  const world = new World({}, { fence });
  const [alice, bob] = [await world.user('alice'), await world.user('bob')];
  const gid = await alice.createGroup('team');
  const command = bob.as();
  const join = (arrival = fence.arrival()) => world.writer.run('joinGroup', { gid }, { ...command, arrival });

  const arrival = fence.arrival();
  nowMs += latenessLimits.stallMs + 1;
  await expect(join(arrival)).rejects.toMatchObject({ code: 'timeout' });
  expect(await bob.membership(gid)).toBeUndefined();
  await join();
  expect(await alice.run('listRequests', { gid })).toHaveLength(1);
});
