package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.KeyKind;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One authority of a hierarchy, through all its generations.
 *
 * @param name what it is called in files and addresses: {@code device-ec}
 * @param kind a root, or what it issues
 * @param key the kind of its next key
 * @param life how long its next certificate is valid
 * @param commonName what it is called in certificates, without the generation: at most 58
 *     characters
 */
public record AuthoritySettings(
        String name, CertificateKind kind, KeyKind key, Duration life, String commonName) {

    /**
     * Checks that such an authority can be.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    public AuthoritySettings {
        IssuerId first = new IssuerId(name, 9999);
        if (!kind.isAuthority() || kind == CertificateKind.CROSS) {
            throw new IllegalArgumentException(
                    "authority '" + name + "' cannot be of kind " + kind);
        }
        profile(kind, key, life);
        subject(commonName, first, null);
    }

    IssuanceProfile profile() {
        return profile(kind, key, life);
    }

    private static IssuanceProfile profile(CertificateKind kind, KeyKind key, Duration life) {
        return IssuanceProfile.of(kind).withKeys(Set.of(key)).withLife(life, life);
    }

    /** The name of a generation; each has another. */
    Subject subject(IssuerId id, @Nullable String organization) {
        return subject(commonName, id, organization);
    }

    private static Subject subject(String commonName, IssuerId id, @Nullable String organization) {
        return Subject.authority(commonName + " G" + id.generation(), organization);
    }
}
