package io.muster.ca.der;

import org.bouncycastle.asn1.ASN1ObjectIdentifier;

/** How object identifiers from outside look in a sentence. */
public final class ObjectIdentifiers {

    private static final int MAX_TEXT = 64;

    private ObjectIdentifiers() {}

    /** The numbers of this one, with dots between them; cut if somebody made them long. */
    public static String text(ASN1ObjectIdentifier identifier) {
        String id = identifier.getId();
        return id.length() <= MAX_TEXT ? id : id.substring(0, MAX_TEXT) + "...";
    }
}
