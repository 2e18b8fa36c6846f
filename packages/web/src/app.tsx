import { useEffect, useState } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { useLook } from './api/commands.ts';
import { whenShutOut } from './api/control.ts';
import { Live } from './api/live.tsx';
import { GroupScreen } from './groups/group-screen.tsx';
import { GroupsScreen } from './groups/groups-screen.tsx';
import { Keys } from './keys/keys.tsx';
import { Frame } from './layout/frame.tsx';
import { DevicesScreen } from './screens/devices-screen.tsx';
import { EnterScreen } from './screens/enter-screen.tsx';
import { LoginScreen } from './screens/login-screen.tsx';
import { SettingsScreen } from './screens/settings-screen.tsx';
import { SharesScreen } from './share/shares-screen.tsx';
import { TransfersScreen } from './transfers/transfers-screen.tsx';
import { Notices } from './ui/notices.tsx';

export function App({ entered }: { readonly entered: boolean }) {
  const [inside, setInside] = useState(entered);
  useEffect(() => whenShutOut(() => setInside(false)), []);
  if (!inside) return <EnterScreen />;
  return (
    <Live>
      <Inside />
      <Notices />
    </Live>
  );
}

function Inside() {
  const whoami = useLook('whoami', {});
  if (whoami.isPending) return null;
  if (!whoami.data?.user) return <LoginScreen />;
  return (
    <Frame user={whoami.data.user}>
      <Keys />
      <Switch>
        <Route path="/transfers/:filter?/:group?/:file?/:tab?" component={TransfersScreen} />
        <Route path="/groups" component={GroupsScreen} />
        <Route path="/groups/:group/:tab?" component={GroupScreen} />
        <Route path="/shares" component={SharesScreen} />
        <Route path="/devices" component={DevicesScreen} />
        <Route path="/settings" component={SettingsScreen} />
        <Route>
          <Redirect to="/transfers" replace />
        </Route>
      </Switch>
    </Frame>
  );
}
