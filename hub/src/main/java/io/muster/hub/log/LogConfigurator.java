package io.muster.hub.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.joran.spi.ConsoleTarget;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.LoggerFactory;

/**
 * What is logged, how it looks and where it goes: to standard error, since standard output is for
 * people and for what scripts wait for. Logback finds this class as a service.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LogConfigurator extends ContextAwareBase implements Configurator {

    /** For every command until a hub starts: warnings, written at once. */
    @Override
    public ExecutionStatus configure(LoggerContext context) {
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setTarget(ConsoleTarget.SystemErr.getName());
        console.setEncoder(textEncoder(context));
        install(context, console, Level.WARN);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /**
     * For a hub, whose event loops must never wait for whoever reads the log.
     *
     * @param level of our own loggers
     * @param format {@code text} or {@code json}
     */
    public static void queue(String level, String format) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Logger logger = context.getLogger(QueuedAppender.class);
        QueuedAppender appender =
                new QueuedAppender(
                        format.equals("json") ? jsonEncoder(context) : textEncoder(context),
                        lost -> lossReport(logger, lost),
                        System.err);
        install(context, appender, Level.toLevel(level));
    }

    /** Ends the log: what waits is written. */
    public static void stop() {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    }

    private static ILoggingEvent lossReport(Logger logger, long lost) {
        return new LoggingEvent(
                LogConfigurator.class.getName(),
                logger,
                Level.WARN,
                "log events dropped, the log is not read fast enough count=" + lost,
                null,
                null);
    }

    private static void install(
            LoggerContext context, Appender<ILoggingEvent> appender, Level ours) {
        appender.setContext(context);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(appender);
        context.getLogger("io.muster").setLevel(ours);
        // It warns of each connection that a database closed; an outage is told once, by us.
        context.getLogger("com.zaxxer.hikari").setLevel(Level.ERROR);
        // It warns of what fails when a connection's own handlers, which deal with failures, are
        // gone: a handshake that was being worked on when the client left.
        context.getLogger("io.netty.channel.DefaultChannelPipeline").setLevel(Level.OFF);
    }

    private static Encoder<ILoggingEvent> textEncoder(LoggerContext context) {
        LineEncoder encoder = new LineEncoder();
        encoder.setContext(context);
        encoder.start();
        return encoder;
    }

    private static Encoder<ILoggingEvent> jsonEncoder(LoggerContext context) {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setContext(context);
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithContext(false);
        encoder.setWithMDC(false);
        encoder.setWithMarkers(false);
        encoder.setWithKVPList(false);
        encoder.setWithMessage(false);
        encoder.setWithArguments(false);
        encoder.setWithFormattedMessage(true);
        encoder.start();
        return encoder;
    }
}
