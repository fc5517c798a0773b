package io.muster.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopsTest {

    private static final int LOOPS = 3;

    private final EventLoops loops = EventLoops.start(LOOPS, 2, Clock.systemUTC());
    private final List<Channel> channels = new ArrayList<>();

    @AfterEach
    void stop() {
        channels.forEach(Channel::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Takes in a connection, and says on which loop it is. */
    private int takeIn() {
        Channel channel = Epoll.isAvailable() ? new EpollSocketChannel() : new NioSocketChannel();
        loops.register(channel).awaitUninterruptibly();
        channels.add(channel);
        return ((TurnEventLoop) channel.eventLoop()).sessionLoop().index();
    }

    private List<Integer> takeIn(int count) {
        List<Integer> indexes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            indexes.add(takeIn());
        }
        return indexes;
    }

    @Test
    void takeInConnectionsByTheHandful() {
        assertThat(takeIn(8)).containsExactly(0, 0, 1, 1, 2, 2, 0, 0);
    }

    @Test
    void giveTheNextConnectionToTheOneThatLostSome() {
        takeIn(12);
        channels.get(2).close().awaitUninterruptibly();
        channels.get(3).close().awaitUninterruptibly();
        assertThat(takeIn(2)).containsExactly(1, 1);
        assertThat(takeIn(1)).containsExactly(0);
    }
}
