package io.muster.hub.cli;

import io.muster.hub.cli.applications.AppCommand;
import io.muster.hub.cli.applications.RoleCommand;
import io.muster.hub.cli.authority.CaCommand;
import io.muster.hub.cli.certificates.CertificateCommand;
import io.muster.hub.cli.clients.BarCommand;
import io.muster.hub.cli.clients.ClientCommand;
import io.muster.hub.cli.clients.DrainCommand;
import io.muster.hub.cli.devices.DeviceCommand;
import io.muster.hub.cli.devices.SignCommand;
import io.muster.hub.cli.operators.AccountCommand;
import io.muster.hub.cli.operators.ApiKeyCommand;
import io.muster.hub.cli.operators.AuditCommand;
import io.muster.hub.cli.products.FirmwareCommand;
import io.muster.hub.cli.products.ProductCommand;
import io.muster.hub.rehearsal.RehearseCommand;
import io.muster.loadtest.LoadTestCommand;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;

/**
 * The commands under the root. Picocli looks at each option of each command that it is given, which
 * for all of them takes longer than most of them run: so it is given the one that the arguments
 * name, and all only where that is not clear, or help is asked for.
 */
final class Commands {

    private static final Map<String, Function<MusterCommand, Object>> BY_NAME = byName();

    private Commands() {}

    private static Map<String, Function<MusterCommand, Object>> byName() {
        Map<String, Function<MusterCommand, Object>> commands = new LinkedHashMap<>();
        commands.put("start", root -> new StartCommand());
        commands.put("check", root -> new CheckCommand());
        commands.put("product", root -> new ProductCommand());
        commands.put("device", root -> new DeviceCommand());
        commands.put("certificate", root -> new CertificateCommand());
        commands.put("firmware", root -> new FirmwareCommand());
        commands.put("app", root -> new AppCommand());
        commands.put("role", root -> new RoleCommand());
        commands.put("sign", root -> new SignCommand());
        commands.put("ca", root -> new CaCommand());
        commands.put("account", AccountCommand::new);
        commands.put("api-key", ApiKeyCommand::new);
        commands.put("audit", AuditCommand::new);
        commands.put("client", root -> new ClientCommand());
        commands.put("bar", root -> new BarCommand());
        commands.put("drain", root -> new DrainCommand());
        commands.put("demo", root -> new DemoCommand());
        commands.put("rehearse", root -> new RehearseCommand());
        commands.put("loadtest", root -> new LoadTestCommand(root::hubUnderLoad));
        return commands;
    }

    /** Gives {@code muster} the commands that it may need for these arguments. */
    static void addTo(CommandLine muster, MusterCommand root, List<String> arguments) {
        if (arguments.isEmpty() || arguments.get(0).equals("version")) {
            return; // The root does that by itself.
        }
        boolean isClear = BY_NAME.keySet().stream().filter(arguments::contains).count() == 1;
        BY_NAME.forEach(
                (name, command) -> {
                    if (!isClear || arguments.contains(name)) {
                        muster.addSubcommand(name, command.apply(root));
                    }
                });
    }
}
