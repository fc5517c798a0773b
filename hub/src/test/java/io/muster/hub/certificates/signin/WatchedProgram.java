package io.muster.hub.certificates.signin;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.Method;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.EventRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A program in a process of its own, and a debugger that has it stand still where it comes to a
 * method: the program itself knows nothing of that. It lives for two minutes at most. Confined to a
 * thread.
 */
final class WatchedProgram implements AutoCloseable {

    private static final String ADDRESS = "Listening for transport dt_socket at address: ";
    private static final long LIFE_SECONDS = 120;
    private static final long PATIENCE_MILLIS = 30_000;

    private final Process process;
    private final BufferedReader out;
    private final Writer in;
    private final VirtualMachine machine;

    private WatchedProgram(Process process, BufferedReader out, VirtualMachine machine) {
        this.process = process;
        this.out = out;
        this.in = process.outputWriter(StandardCharsets.US_ASCII);
        this.machine = machine;
    }

    /**
     * Starts it.
     *
     * @param errors the file to which it writes what goes wrong
     */
    static WatchedProgram start(Class<?> main, Path errors, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0",
                        "-cp",
                        System.getProperty(
                                "surefire.test.class.path", System.getProperty("java.class.path")),
                        main.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        // Who waits for what it prints waits for ever otherwise.
        CompletableFuture.delayedExecutor(LIFE_SECONDS, TimeUnit.SECONDS)
                .execute(process::destroyForcibly);
        try {
            BufferedReader out = process.inputReader(StandardCharsets.US_ASCII);
            String address = Objects.requireNonNullElse(out.readLine(), "nothing");
            if (!address.startsWith(ADDRESS)) {
                throw new IllegalStateException("it has no debugger, but says: " + address);
            }
            return new WatchedProgram(process, out, attach(address.substring(ADDRESS.length())));
        } catch (IOException | RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static VirtualMachine attach(String port) throws IOException {
        AttachingConnector connector =
                Bootstrap.virtualMachineManager().attachingConnectors().stream()
                        .filter(each -> each.name().equals("com.sun.jdi.SocketAttach"))
                        .findAny()
                        .orElseThrow();
        Map<String, Connector.Argument> where = connector.defaultArguments();
        Objects.requireNonNull(where.get("hostname")).setValue("127.0.0.1");
        Objects.requireNonNull(where.get("port")).setValue(port);
        try {
            return connector.attach(where);
        } catch (IllegalConnectorArgumentsException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What it prints until this line comes. */
    List<String> until(String last) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = out.readLine(); !last.equals(line); line = out.readLine()) {
            if (line == null) {
                throw new IllegalStateException("it ended before " + last + ": " + lines);
            }
            lines.add(line);
        }
        return lines;
    }

    /** Tells it a line. */
    void tell(String line) throws IOException {
        in.write(line + "\n");
        in.flush();
    }

    /**
     * From now on it stands still when it comes to a method for the first time, before that has
     * done anything.
     *
     * @param type the name of a class that it has used by now
     * @param name of its method, or its methods
     */
    void stopAt(String type, String name) {
        List<Method> found =
                machine.classesByName(type).stream()
                        .map(ReferenceType::methods)
                        .flatMap(List::stream)
                        .filter(each -> each.name().equals(name) && !each.isAbstract())
                        .toList();
        if (found.isEmpty()) {
            throw new IllegalStateException("it knows no " + type + "." + name);
        }
        for (Method method : found) {
            BreakpointRequest stop =
                    machine.eventRequestManager().createBreakpointRequest(method.location());
            stop.setSuspendPolicy(EventRequest.SUSPEND_ALL);
            stop.enable();
        }
    }

    /**
     * Waits until it stands still.
     *
     * @return where: a class and its method, as {@code io.muster.Type.method}
     * @throws IllegalStateException if it comes nowhere
     */
    String awaitStop() throws InterruptedException {
        try {
            while (true) {
                EventSet events = machine.eventQueue().remove(PATIENCE_MILLIS);
                if (events == null) {
                    throw new IllegalStateException("it does not come to any of them");
                }
                for (Event event : events) {
                    if (event instanceof BreakpointEvent stop) {
                        String where = place(stop.location().method());
                        forget(where);
                        return where;
                    }
                }
                events.resume();
            }
        } catch (VMDisconnectedException ended) {
            throw new IllegalStateException("it ended before it came to any of them", ended);
        }
    }

    private static String place(Method method) {
        return method.declaringType().name() + "." + method.name();
    }

    private void forget(String where) {
        List<BreakpointRequest> there =
                machine.eventRequestManager().breakpointRequests().stream()
                        .filter(each -> place(each.location().method()).equals(where))
                        .toList();
        machine.eventRequestManager().deleteEventRequests(there);
    }

    /** What is done while nothing of the process moves. */
    @FunctionalInterface
    interface Look {
        void look() throws IOException;
    }

    /**
     * Has also those of its threads stand still that are not in Java, as if it were killed, looks,
     * and lets it go on.
     */
    void goOnAfter(Look look) throws IOException, InterruptedException {
        signal("STOP");
        try {
            look.look();
        } finally {
            signal("CONT");
        }
        machine.resume();
    }

    private void signal(String name) throws IOException, InterruptedException {
        int exit =
                new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor();
        if (exit != 0) {
            throw new IllegalStateException("kill -" + name + " ends with " + exit);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
