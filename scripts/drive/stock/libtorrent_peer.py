"""libtorrent_peer.py seed|leech TORRENT FOLDER HOST PORT default|hp DONE_FILE [PEER_HOST:PORT ...]

A libtorrent session with one torrent, until it is killed. A leecher makes DONE_FILE when every piece is verified and with the operating system;
a seeder makes it when it serves (a seeder trusts the data that is there). Settings: the library's own, or its high-performance set; no discovery but the
torrent's tracker and the peers named.
"""
import os
import sys

import libtorrent as lt

role, torrent, folder, host, port, profile, done_file, *peers = sys.argv[1:]
settings = lt.high_performance_seed() if profile == 'hp' else {}
settings.update({
    'listen_interfaces': f'{host}:{port}',
    'outgoing_interfaces': host,
    'enable_dht': False,
    'enable_lsd': False,
    'enable_upnp': False,
    'enable_natpmp': False,
    'enable_outgoing_utp': False,
    'enable_incoming_utp': False,
    'in_enc_policy': 2,
    'out_enc_policy': 2,
    'allow_multiple_connections_per_ip': True,
    'alert_mask': lt.alert.category_t.status_notification
    | lt.alert.category_t.storage_notification
    | lt.alert.category_t.error_notification,
})
session = lt.session(settings)
params = lt.add_torrent_params()
params.ti, params.save_path = lt.torrent_info(torrent), folder
params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
if role == 'seed':
    params.flags |= lt.torrent_flags.seed_mode
handle = session.add_torrent(params)
for peer in peers:
    peer_host, peer_port = peer.rsplit(':', 1)
    handle.connect_peer((peer_host, int(peer_port)))


def wait(kind):
    while True:
        session.wait_for_alert(1000)
        if any(isinstance(alert, kind) for alert in session.pop_alerts()):
            return


if role == 'leech':
    wait(lt.torrent_finished_alert)
    handle.flush_cache()
    wait(lt.cache_flushed_alert)
open(done_file + '.new', 'w').close()
os.rename(done_file + '.new', done_file)
while True:
    session.wait_for_alert(1000)
    session.pop_alerts()
