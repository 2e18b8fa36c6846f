import { Constructed, fromBER, ObjectIdentifier, OctetString, Sequence } from 'asn1js';

const CONTEXT_SPECIFIC = 3;
/** Of TBSCertificate: its version is [0], its extensions are [3]. */
const EXTENSIONS = 3;

/**
 * The values (what is in the OCTET STRING) of a certificate's extensions with that object identifier, in their order: RFC 5280, 4.1. Read without a schema, since a client starts
 * with it: the library that makes certificates takes 0.2 s and 20 MiB to load. Throws Error for what is no certificate.
 */
export function extensionsOf(der: Uint8Array, oid: string): Uint8Array[] {
  const { result, offset } = fromBER(der);
  if (offset !== der.length) throw new Error('it is no certificate');
  const toBeSigned = partsOf(result, Sequence)[0];
  const extensions = partsOf(toBeSigned, Sequence).find(
    ({ idBlock }) => idBlock.tagClass === CONTEXT_SPECIFIC && idBlock.tagNumber === EXTENSIONS,
  );
  if (extensions === undefined) return [];
  const [list, more] = partsOf(extensions, Constructed);
  if (more !== undefined) throw new Error('it has two lists of extensions');
  return partsOf(list, Sequence).flatMap((extension) => {
    const fields = partsOf(extension, Sequence);
    const [type, value] = [fields[0], fields.at(-1)];
    if (!(type instanceof ObjectIdentifier && value instanceof OctetString)) throw new Error('an extension is none');
    return type.getValue() === oid ? [value.valueBlock.valueHexView.slice()] : [];
  });
}

function partsOf<Kind extends Constructed>(
  block: unknown,
  kind: new (...words: never[]) => Kind,
): Kind['valueBlock']['value'] {
  if (!(block instanceof kind)) throw new Error('it is no certificate');
  return block.valueBlock.value;
}
