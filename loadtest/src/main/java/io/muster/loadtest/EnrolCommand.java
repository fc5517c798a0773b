package io.muster.loadtest;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.loadtest.fleet.CertificateFolder;
import io.muster.loadtest.fleet.CertificateRequest;
import io.muster.loadtest.fleet.CertificateRequest.KeyKind;
import io.muster.loadtest.fleet.DeviceFleet;
import io.muster.loadtest.fleet.ManagementApi;
import io.muster.loadtest.options.ManagementOptions;
import io.muster.loadtest.options.OutputOptions;
import io.muster.loadtest.report.EnrolmentReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/**
 * Devices make keys and get certificates for them. Confined to the thread that runs the command.
 */
@Command(
        name = "enrol",
        sortOptions = false,
        description = {
            "Devices make keys, and get certificates for them from the hub, as fast as it answers.",
            "Those that have files in the folder already are left out. Other commands use the"
                    + " folder with --certificates."
        })
final class EnrolCommand implements Callable<Integer> {

    private static final int IN_FLIGHT_MAX = 1000;
    private static final int SIGNIFICANT_DIGITS = 3;

    @Spec private @Nullable CommandSpec spec;
    @ParentCommand private @Nullable LoadTestCommand root;

    @Option(
            names = "--certificates",
            required = true,
            paramLabel = "FOLDER",
            description = "Where DEVICE.crt and DEVICE.key are kept, in PEM")
    private Path folder = Path.of("");

    @Option(
            names = "--devices",
            defaultValue = "1000",
            paramLabel = "N",
            description = "Devices. Default: ${DEFAULT-VALUE}")
    private int devices;

    @Option(
            names = "--key",
            defaultValue = "EC",
            paramLabel = "KIND",
            description = "Kind of their keys: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
    private KeyKind kind = KeyKind.EC;

    @Option(
            names = "--requests",
            defaultValue = "32",
            paramLabel = "N",
            description = "Requests under way at once. Default: ${DEFAULT-VALUE}")
    private int inFlight;

    @Mixin private ManagementOptions management = new ManagementOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    @Override
    public Integer call() throws InterruptedException {
        try {
            EnrolmentReport report = enrol();
            PrintWriter out = commandLine().getOut();
            out.println(
                    output.json() ? new ObjectMapper().writeValueAsString(report) : report.text());
            out.flush();
            return CommandLine.ExitCode.OK;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(commandLine(), String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            PrintWriter err = commandLine().getErr();
            err.println("loadtest: " + e.getMessage());
            err.flush();
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private EnrolmentReport enrol() throws IOException, InterruptedException {
        check();
        ManagementApi api = management.api(Objects.requireNonNull(root, "picocli sets it").hub());
        CertificateFolder certificates = new CertificateFolder(folder);
        DeviceFleet fleet = api.fleet(devices, false);
        List<CertificateRequest> requests =
                IntStream.range(0, devices)
                        .mapToObj(fleet::key)
                        .filter(key -> !certificates.holds(key))
                        .map(key -> CertificateRequest.make(key, kind))
                        .toList();
        Histogram nanos = new ConcurrentHistogram(SIGNIFICANT_DIGITS);
        long begin = System.nanoTime();
        api.enrol(requests, inFlight, certificates, nanos::recordValue);
        long took = System.nanoTime() - begin;
        return EnrolmentReport.of(devices - requests.size(), took, nanos);
    }

    private void check() {
        if (devices < 1) {
            throw new IllegalArgumentException("--devices must be 1 or more, not " + devices);
        }
        if (inFlight < 1 || inFlight > IN_FLIGHT_MAX) {
            throw new IllegalArgumentException(
                    "--requests must be from 1 to %d, not %d".formatted(IN_FLIGHT_MAX, inFlight));
        }
    }

    private CommandLine commandLine() {
        return Objects.requireNonNull(spec, "picocli sets it").commandLine();
    }
}
