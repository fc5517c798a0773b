package io.muster.ca.issuance;

import io.muster.ca.Owner;
import io.muster.ca.key.KeyKind;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/**
 * What a certificate is for. Whatever follows from that and is not to be chosen stands here: who
 * may sign, what the key may do, how long it may be at most. (RFC 5280, 4.2.1)
 */
public enum CertificateKind {
    /** The anchor of trust, signed with its own key. */
    ROOT {
        @Override
        public Set<KeyKind> keys() {
            return Set.of(KeyKind.EC_P384, KeyKind.RSA_4096);
        }
    },
    /** One root's key, signed by another root (RFC 5280, 3.2: a cross-certificate). */
    CROSS {
        @Override
        public Set<KeyKind> keys() {
            return ROOT.keys();
        }
    },
    /** Signs certificates of devices, and nothing else. */
    DEVICE_ISSUING {
        @Override
        public Set<KeyKind> keys() {
            return EnumSet.allOf(KeyKind.class);
        }
    },
    /** Signs certificates of servers, and nothing else. */
    SERVER_ISSUING {
        @Override
        public Set<KeyKind> keys() {
            return EnumSet.allOf(KeyKind.class);
        }
    },
    /** Proves a server to its clients. */
    SERVER {
        @Override
        public Set<KeyKind> keys() {
            return Set.of(
                    KeyKind.EC_P256,
                    KeyKind.EC_P384,
                    KeyKind.RSA_2048,
                    KeyKind.RSA_3072,
                    KeyKind.RSA_4096);
        }
    },
    /**
     * Signs answers about the certificates of the one that signed it (RFC 6960, 4.2.2.2). Nobody
     * asks whether it is revoked itself, so it does not live long.
     */
    OCSP_SIGNER {
        @Override
        public Set<KeyKind> keys() {
            return SERVER.keys();
        }
    },
    /** Proves a device to its server. */
    DEVICE {
        @Override
        public Set<KeyKind> keys() {
            return EnumSet.allOf(KeyKind.class);
        }
    };

    /** The kinds of keys that it may be for. */
    public abstract Set<KeyKind> keys();

    /** Whether it signs other certificates. */
    public boolean isAuthority() {
        return this != SERVER && this != DEVICE && this != OCSP_SIGNER;
    }

    /** Whether a certificate of this kind may be this owner's. */
    public boolean isOf(Owner owner) {
        Class<? extends Owner> sort =
                switch (this) {
                    case DEVICE -> Owner.Device.class;
                    case SERVER, OCSP_SIGNER -> Owner.Server.class;
                    case ROOT, CROSS, DEVICE_ISSUING, SERVER_ISSUING -> Owner.Authority.class;
                };
        return sort.isInstance(owner);
    }

    /** Whether it is for a root's key. */
    public boolean isRoot() {
        return this == ROOT || this == CROSS;
    }

    /** Whether it has alternative names, of hosts or of a device. */
    boolean hasNames() {
        return this == SERVER || this == DEVICE;
    }

    /** The kinds of those that sign it; a root signs itself. */
    public Set<CertificateKind> signedBy() {
        return switch (this) {
            case ROOT, CROSS, DEVICE_ISSUING, SERVER_ISSUING -> Set.of(ROOT);
            case SERVER -> Set.of(SERVER_ISSUING);
            case OCSP_SIGNER -> Set.of(DEVICE_ISSUING, SERVER_ISSUING);
            case DEVICE -> Set.of(DEVICE_ISSUING);
        };
    }

    /** How many authorities may stand below it: none below those that issue, any below a root. */
    public OptionalInt pathLength() {
        return isAuthority() && !isRoot() ? OptionalInt.of(0) : OptionalInt.empty();
    }

    /** What the key may do, as bits of {@link KeyUsage}. */
    public int keyUsage() {
        return isAuthority() ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature;
    }

    /**
     * What the key is for, in leaves and in those that issue them, so that a device can never pass
     * as a server.
     */
    public Optional<KeyPurposeId> purpose() {
        return switch (this) {
            case ROOT, CROSS -> Optional.empty();
            case SERVER, SERVER_ISSUING -> Optional.of(KeyPurposeId.id_kp_serverAuth);
            case DEVICE, DEVICE_ISSUING -> Optional.of(KeyPurposeId.id_kp_clientAuth);
            case OCSP_SIGNER -> Optional.of(KeyPurposeId.id_kp_OCSPSigning);
        };
    }

    /** The shortest life that a profile may permit. */
    public Duration shortestLife() {
        return Duration.ofHours(1);
    }

    /** The longest life that a profile may permit. */
    public Duration longestLife() {
        return switch (this) {
            case ROOT, CROSS -> Duration.ofDays(20 * 366);
            case DEVICE_ISSUING, SERVER_ISSUING -> Duration.ofDays(10 * 366);
            case SERVER -> Duration.ofDays(398);
            case OCSP_SIGNER -> Duration.ofDays(90);
            case DEVICE -> Duration.ofDays(3650);
        };
    }

    /** The life that is usual. */
    public Duration usualLife() {
        return switch (this) {
            case ROOT, CROSS -> Duration.ofDays(20 * 365);
            case DEVICE_ISSUING, SERVER_ISSUING -> Duration.ofDays(5 * 365);
            case SERVER -> Duration.ofDays(90);
            case OCSP_SIGNER -> Duration.ofDays(30);
            case DEVICE -> Duration.ofDays(365);
        };
    }
}
