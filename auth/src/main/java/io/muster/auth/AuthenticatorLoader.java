package io.muster.auth;

import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.AuthenticatorProvider;
import java.util.Collection;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes the authenticators that the configuration names; confined to the starting thread.
 *
 * <p>It knows the built-in kinds, which are handed to it because they need the registry, and those
 * that {@link ServiceLoader} finds on the class path. It skips nothing: whatever cannot be loaded
 * or made is an error that stops the start, even if no entry of the configuration uses it.
 */
public final class AuthenticatorLoader {

    private static final Pattern TYPE = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

    private final SortedMap<String, AuthenticatorProvider> providers = new TreeMap<>();

    /**
     * Finds what there is.
     *
     * @param builtIn the kinds that the hub brings with it
     * @param plugIns where plug-ins are looked for
     * @throws IllegalArgumentException if a plug-in cannot be loaded, has no proper type, or has
     *     the type of another
     */
    public AuthenticatorLoader(
            Collection<? extends AuthenticatorProvider> builtIn, ClassLoader plugIns) {
        builtIn.forEach(this::add);
        try {
            ServiceLoader.load(AuthenticatorProvider.class, plugIns).forEach(this::add);
        } catch (ServiceConfigurationError e) {
            throw new IllegalArgumentException(
                    "an authenticator plug-in cannot be loaded: " + e.getMessage(), e);
        }
    }

    /**
     * Makes the authenticator of one entry of the configured chain.
     *
     * @param type which kind
     * @param settings the entry's name and settings
     * @throws IllegalArgumentException naming the entry, if there is no such kind (and which there
     *     are) or its provider fails
     */
    public Authenticator create(String type, AuthenticatorProvider.Settings settings) {
        AuthenticatorProvider provider = providers.get(type);
        if (provider == null) {
            throw new IllegalArgumentException(
                    "authenticator '%s' has the unknown type '%s'; there are: %s"
                            .formatted(
                                    settings.name(), type, String.join(", ", providers.keySet())));
        }
        @Nullable Authenticator authenticator;
        try {
            authenticator = provider.create(settings);
        } catch (RuntimeException | LinkageError e) {
            throw notMade(type, settings, String.valueOf(e.getMessage()), e);
        }
        if (authenticator == null) {
            throw notMade(type, settings, "its provider returned null", null);
        }
        return authenticator;
    }

    private static IllegalArgumentException notMade(
            String type,
            AuthenticatorProvider.Settings settings,
            String why,
            @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "authenticator '%s' of type '%s' cannot be made: %s"
                        .formatted(settings.name(), type, why),
                cause);
    }

    private void add(AuthenticatorProvider provider) {
        String type = typeOf(provider);
        AuthenticatorProvider other = providers.putIfAbsent(type, provider);
        if (other != null) {
            throw new IllegalArgumentException(
                    "two authenticator providers have the type '%s': %s and %s"
                            .formatted(
                                    type,
                                    other.getClass().getName(),
                                    provider.getClass().getName()));
        }
    }

    private static String typeOf(AuthenticatorProvider provider) {
        @Nullable String type;
        try {
            type = provider.type();
        } catch (RuntimeException | LinkageError e) {
            throw new IllegalArgumentException(
                    "the authenticator provider %s cannot tell its type: %s"
                            .formatted(provider.getClass().getName(), e),
                    e);
        }
        if (type == null || !TYPE.matcher(type).matches()) {
            throw new IllegalArgumentException(
                    "the authenticator provider %s has the type '%s'; allowed are lower-case letters, digits and hyphens"
                            .formatted(provider.getClass().getName(), type));
        }
        return type;
    }
}
