package io.muster.hub.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.muster.auth.spi.AuthenticatorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the configuration. From the highest: the data folder of the command line, the environment,
 * {@code muster.conf}, {@code reference.conf}. Nothing else is built before all of it is checked.
 */
public final class ConfigurationLoader {

    private static final Path DEFAULT_FILE = Path.of("muster.conf");
    private static final String FILE_VARIABLE = "MUSTER_CONFIG";

    private ConfigurationLoader() {}

    /**
     * Reads and checks the configuration. Blocks to read files.
     *
     * @param file the file named by the command line; without one, the file that {@code
     *     MUSTER_CONFIG} names, else {@code ./muster.conf} if it is there
     * @param data the data folder named by the command line
     * @param environment all environment variables
     * @throws InvalidConfigException with a line for each problem
     */
    public static Configuration load(
            Optional<Path> file, Optional<Path> data, Map<String, String> environment) {
        Problems problems = new Problems();
        ConfigObject root = merge(file, data, environment, problems);
        List<EffectiveValue> values = new ConfigurationCheck(root, problems).run();
        problems.throwIfAny();
        new ConfigurationRules(root, authenticatorTypes(problems), problems).run();
        problems.throwIfAny();
        HubConfigReader reader = new HubConfigReader(root);
        return new Configuration(reader.hub(), reader.log(), values);
    }

    private static ConfigObject merge(
            Optional<Path> file,
            Optional<Path> data,
            Map<String, String> environment,
            Problems problems) {
        Environment variables = new Environment(environment, problems);
        Config option = data.map(ConfigurationLoader::dataOption).orElseGet(ConfigFactory::empty);
        Config config =
                option.withFallback(variables.wholeKeys())
                        .withFallback(readFile(file, environment, problems))
                        .withFallback(readReference());
        config = variables.withListEntries(resolve(config, problems));
        config =
                completeEntries(
                        withPresets(config), Schema.LISTENERS, ConfigurationLoader::asListener);
        config =
                completeEntries(
                        config, CertificateSettings.EXTERNAL, ConfigurationLoader::asAuthority);
        return completeEntries(config, Schema.CHAIN, ConfigurationLoader::asAuthenticator).root();
    }

    private static Config dataOption(Path data) {
        return ConfigFactory.empty()
                .withValue(
                        Schema.DATA.key(),
                        ConfigValueFactory.fromAnyRef(data.toString(), "option --data"));
    }

    private static Config readReference() {
        return ConfigFactory.parseResources(
                ConfigurationLoader.class.getClassLoader(),
                "reference.conf",
                ConfigParseOptions.defaults()
                        .setAllowMissing(false)
                        .setOriginDescription(Display.REFERENCE));
    }

    private static Config readFile(
            Optional<Path> named, Map<String, String> environment, Problems problems) {
        Optional<Path> asked =
                named.or(() -> Optional.ofNullable(environment.get(FILE_VARIABLE)).map(Path::of));
        Path file = asked.orElse(DEFAULT_FILE);
        if (asked.isEmpty() && Files.notExists(file)) {
            return ConfigFactory.empty();
        }
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            problems.add(file.toString(), "is not a file that can be read");
            problems.throwIfAny();
        }
        try {
            return ConfigFactory.parseFile(
                    file.toFile(),
                    ConfigParseOptions.defaults()
                            .setAllowMissing(false)
                            .setOriginDescription(file.toString()));
        } catch (ConfigException e) {
            throw broken(e, problems);
        }
    }

    private static Config resolve(Config config, Problems problems) {
        try {
            return config.resolve();
        } catch (ConfigException e) {
            throw broken(e, problems);
        }
    }

    private static InvalidConfigException broken(ConfigException e, Problems problems) {
        String origin = e.origin() == null ? "configuration" : Display.origin(e.origin());
        String message = String.valueOf(e.getMessage());
        String repeated = e.origin() == null ? "" : e.origin().description() + ": ";
        problems.add(
                origin,
                message.startsWith(repeated) ? message.substring(repeated.length()) : message);
        return new InvalidConfigException(problems.lines());
    }

    /** Adds the listeners of the presets behind those that are written out. */
    private static Config withPresets(Config config) {
        // What is no preset is found by the check.
        List<String> presets =
                Setting.find(config.root(), Schema.LISTENER_PRESETS.key())
                        .flatMap(Schema.LISTENER_PRESETS.kind()::read)
                        .orElse(List.of());
        String key = Schema.LISTENERS.key();
        Optional<ConfigValue> found = Setting.find(config.root(), key);
        if (presets.isEmpty() || found.isEmpty() || !(found.get() instanceof ConfigList written)) {
            return config;
        }
        List<ConfigValue> all = new ArrayList<>(written);
        for (String preset : presets) {
            all.add(listener(preset, Schema.ENOS, "tcp", Schema.ENOS_PORT));
            if (hasMutualTls(config.root())) {
                all.add(listener(preset, Schema.ENOS_TLS, Schema.MUTUAL_TLS, Schema.ENOS_TLS_PORT));
            }
        }
        return config.withValue(
                key, ConfigValueFactory.fromIterable(all).withOrigin(written.origin()));
    }

    private static ConfigValue listener(String preset, String name, String type, int port) {
        return ConfigValueFactory.fromMap(
                Map.of("name", name, "type", type, "port", port), "preset " + preset);
    }

    /** Whether there is all that a listener with certificates on both sides needs. */
    private static boolean hasMutualTls(ConfigObject root) {
        return CertificateSettings.hasAuthority(root) || hasFiles(root);
    }

    private static boolean hasFiles(ConfigObject root) {
        return Setting.find(root, Schema.CERTIFICATES.key())
                        .filter(value -> value instanceof ConfigList list && !list.isEmpty())
                        .isPresent()
                && trustsSomebody(root);
    }

    private static boolean trustsSomebody(ConfigObject root) {
        return Setting.find(root, CertificateSettings.EXTERNAL.key())
                        .filter(value -> value instanceof ConfigList list && !list.isEmpty())
                        .isPresent()
                || Setting.find(root, Schema.TLS_CLIENT_CA_FILE.key())
                        .flatMap(Schema.TLS_CLIENT_CA_FILE.kind()::read)
                        .filter(file -> !file.isEmpty())
                        .isPresent();
    }

    /** Gives the entries of a list the values that they may leave out. */
    private static Config completeEntries(
            Config config, Schema.EntryList list, Completion completion) {
        Optional<ConfigValue> found = Setting.find(config.root(), list.key());
        if (found.isEmpty() || !(found.get() instanceof ConfigList entries)) {
            return config;
        }
        List<ConfigValue> complete = new ArrayList<>();
        for (ConfigValue entry : entries) {
            complete.add(
                    entry instanceof ConfigObject object
                            ? completion.complete(object, config.root())
                            : entry);
        }
        ConfigValue changed = ConfigValueFactory.fromIterable(complete);
        return config.withValue(list.key(), changed.withOrigin(entries.origin()));
    }

    private static ConfigObject asListener(ConfigObject entry, ConfigObject root) {
        ConfigValue defaults = root.get(Schema.LISTENER_DEFAULTS);
        return defaults instanceof ConfigObject ? entry.withFallback(defaults) : entry;
    }

    private static ConfigObject asAuthority(ConfigObject entry, ConfigObject root) {
        return Setting.find(root, CertificateSettings.EXTERNAL_DEFAULTS)
                .filter(ConfigObject.class::isInstance)
                .map(defaults -> entry.withFallback(defaults))
                .orElse(entry);
    }

    private static ConfigObject asAuthenticator(ConfigObject entry, ConfigObject root) {
        ConfigValue type = entry.get(Schema.CHAIN_TYPE.key());
        String name = Schema.CHAIN_NAME.key();
        return type == null || entry.containsKey(name) ? entry : entry.withValue(name, type);
    }

    private static Set<String> authenticatorTypes(Problems problems) {
        Set<String> types = new TreeSet<>(Schema.BUILT_IN_AUTHENTICATORS.keySet());
        try {
            ServiceLoader.load(AuthenticatorProvider.class)
                    .forEach(provider -> types.add(provider.type()));
        } catch (ServiceConfigurationError | LinkageError e) {
            problems.add("plug-ins", "an authenticator cannot be loaded: " + e.getMessage());
            problems.throwIfAny();
        }
        return types;
    }

    /** Adds to a list entry what it leaves out, knowing the whole configuration. */
    private interface Completion {
        ConfigObject complete(ConfigObject entry, ConfigObject root);
    }
}
