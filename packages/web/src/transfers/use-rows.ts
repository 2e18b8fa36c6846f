import { useLook } from '../api/commands.ts';
import { useShareMoves } from '../api/share-moves.ts';
import { type Row, rowsOf } from './rows.ts';

/** All transfers of this client; undefined until they are known. */
export function useRows(): readonly Row[] | undefined {
  const downloads = useLook('show_downloads', {}).data?.downloads;
  const shares = useLook('shares', {}).data?.shares;
  const moves = useShareMoves();
  return downloads && shares ? rowsOf(downloads, shares, moves) : undefined;
}
