import type { Handlers } from '../handler.ts';

export const activityCommands: Handlers<'activity'> = {
  async activity({ session, activity }, { group, file }) {
    session.required();
    return { entries: [...activity.of(group, file?.normalize('NFC'))] };
  },
};
