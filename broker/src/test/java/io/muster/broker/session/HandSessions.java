package io.muster.broker.session;

import io.muster.broker.pace.TakeOverLimits;
import io.muster.broker.pace.TakeOvers;
import io.muster.broker.routing.TopicTree;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import io.muster.broker.session.SessionRegistry.Opening;
import io.muster.broker.session.SessionRegistry.Request;
import io.muster.broker.session.memory.MemorySessionStore;
import io.muster.broker.spi.ClientObserver;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Sessions on hand-driven loops, for tests of what is done to all of them. One thread. */
public final class HandSessions {

    private final HandLoops loops = new HandLoops(2);
    private final SessionRegistry registry =
            new SessionRegistry(
                    new MemorySessionStore(10, 1_000),
                    new TopicTree(),
                    new SessionLimits(10_000, 10, 1_000, QueuePolicy.DROP_NEWEST, 1_000),
                    new TakeOvers(TakeOverLimits.NONE, () -> 0),
                    ClientObserver.NONE,
                    will -> {});
    private final Map<String, RecordingOutput> outputs = new HashMap<>();

    /** Connects a client, whose session outlives the connection. */
    public void connect(String name) {
        int index = Math.floorMod(name.hashCode(), 2);
        List<Opening> openings = new ArrayList<>();
        Request request =
                new Request(name, "principal", false, true, loops.loop(index), SessionStage.REMOTE);
        loops.in(index, () -> registry.open(request).thenAccept(openings::add));
        loops.runAll();
        RecordingOutput output = new RecordingOutput();
        outputs.put(name, output);
        Link link = new Link(output, SessionStage.client(name), 10, 1_000, null);
        Opening opening = openings.get(0);
        loops.in(
                index,
                () -> {
                    opening.session().attach(link);
                    opening.session().admit(link);
                    opening.session().start();
                    opening.done().run();
                });
    }

    /** The client leaves; its session stays. */
    public void disconnect(String name) {
        Session session = registry.find(name).orElseThrow();
        loops.in(session.loop().index(), () -> session.end(ConnectionEnd.CLIENT_DISCONNECTED));
        sent(name);
    }

    /** Lets the loops do what waits. */
    public void run() {
        loops.runAll();
    }

    /** What a client was sent since this was last asked, a line each. */
    public List<String> sent(String name) {
        return Objects.requireNonNull(outputs.get(name)).sent();
    }

    /** All sessions, connected or not. */
    public Collection<Session> all() {
        return registry.all();
    }

    /** How many are connected. */
    public long connected() {
        return registry.all().stream().filter(session -> session.client() != null).count();
    }
}
