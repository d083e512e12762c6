using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Deucalion.Common.Actors;

/// <summary>
/// The address of an actor: its mailbox and its life. Messages of one sender arrive in order of sending; urgent ones overtake those that wait. Senders
/// are never called back on the actor's thread. Thread-safe.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The source has no timer: nothing to dispose, and senders may come after the end.")]
public sealed class ActorRef<TMessage>
{
    private readonly Channel<TMessage> _mailbox;
    private readonly Channel<TMessage> _urgent = Channel.CreateUnbounded<TMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Func<ActorRef<TMessage>, IActor<TMessage>> _factory;
    private readonly ActorOptions _options;
    private readonly ActorSystem _system;
    private readonly KeyValuePair<string, object?> _tag;
    private readonly CancellationTokenSource _hurry = new();
    private int _stopping;

    internal ActorRef(ActorSystem system, string kind, string name, Func<ActorRef<TMessage>, IActor<TMessage>> factory, ActorOptions options)
    {
        _system = system;
        _factory = factory;
        _options = options;
        _tag = new KeyValuePair<string, object?>("kind", kind);
        _mailbox = Channel.CreateBounded<TMessage>(new BoundedChannelOptions(options.Capacity) { SingleReader = true });
        Kind = kind;
        Name = name;
        Completion = Task.Run(RunAsync);
    }

    /// <summary>What sort of actor it is: label of its metrics.</summary>
    public string Kind { get; }

    /// <summary>Which one of its kind.</summary>
    public string Name { get; }

    /// <summary>Completes when the actor has stopped; fails with what it escalated.</summary>
    public Task Completion { get; }

    /// <summary>Sends a message; false where the mailbox is full or the actor has stopped.</summary>
    public bool TryTell(TMessage message)
    {
        if (!_mailbox.Writer.TryWrite(message))
        {
            return false;
        }

        _system.Metrics.Waiting(1, _tag);
        return true;
    }

    /// <summary>Sends a message, waiting while the mailbox is full. <see cref="ActorStoppedException"/> where the actor has stopped.</summary>
    public async ValueTask TellAsync(TMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await _mailbox.Writer.WriteAsync(message, cancellationToken);
            _system.Metrics.Waiting(1, _tag);
        }
        catch (ChannelClosedException exception)
        {
            throw Stopped(exception);
        }
    }

    /// <summary>
    /// Sends a message that is handled before those that wait, whether the mailbox is full or not: for signals that are bounded by their nature, such as
    /// one that is not repeated before it was handled. False where the actor has stopped.
    /// </summary>
    public bool TellUrgent(TMessage message)
    {
        if (!_urgent.Writer.TryWrite(message))
        {
            return false;
        }

        _system.Metrics.Waiting(1, _tag);
        return true;
    }

    /// <summary>
    /// Sends a message that carries a <see cref="Reply{T}"/> and waits for the answer. <see cref="TimeoutException"/> after the deadline, whether the
    /// message still waits or its answer is late; <see cref="ActorStoppedException"/> when the actor stops without answering.
    /// </summary>
    public async Task<TReply> AskAsync<TReply>(Func<Reply<TReply>, TMessage> message, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var reply = new Reply<TReply>();
        using var limit = new CancellationTokenSource(deadline, _system.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await TellAsync(message(reply), linked.Token);
            await Task.WhenAny(reply.Task, Completion).WaitAsync(linked.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{Kind} {Name} did not answer within {deadline.TotalSeconds} s");
        }

        if (!reply.Task.IsCompleted)
        {
            reply.Fail(Stopped(null));
        }

        return await reply.Task;
    }

    /// <summary>
    /// Takes no more messages, handles those that wait, then stops. When <paramref name="patience"/> is cancelled, handlers are asked to give up and what
    /// still waits is dropped.
    /// </summary>
    public async Task StopAsync(CancellationToken patience)
    {
        Interlocked.Exchange(ref _stopping, 1);
        _mailbox.Writer.TryComplete();
        using var registration = patience.Register(static state => ((CancellationTokenSource)state!).Cancel(), _hurry);
        await Completion;
    }

    private ActorStoppedException Stopped(Exception? reason) => new($"{Kind} {Name} has stopped", reason);

    private async Task RunAsync()
    {
        _system.Metrics.Alive(1, _tag);
        Exception? failure = null;
        try
        {
            failure = await SuperviseAsync();
        }
        finally
        {
            _mailbox.Writer.TryComplete();
            _urgent.Writer.TryComplete();
            while (TryTake(out var message))
            {
                (message as IFailableMessage)?.Fail(Stopped(failure));
            }

            _system.Metrics.Alive(-1, _tag);
        }

        if (failure is not null)
        {
            _system.Escalate(Kind, Name, failure);
            throw new ActorStoppedException($"{Kind} {Name} failed: {failure.Message}", failure);
        }
    }

    /// <summary>Runs instance after instance; returns why it gave up, null after an orderly stop.</summary>
    private async Task<Exception?> SuperviseAsync()
    {
        var restarts = 0;
        while (true)
        {
            var started = _system.Time.GetTimestamp();
            var failure = await RunInstanceAsync();
            if (failure is null)
            {
                return null;
            }

            _system.Metrics.Failed(_tag);
            if (_system.Time.GetElapsedTime(started) >= _options.RestartWindow)
            {
                restarts = 0;
            }

            if (restarts >= _options.MaxRestarts || Volatile.Read(ref _stopping) != 0)
            {
                return failure;
            }

            var wait = _options.MinBackoff * Math.Pow(2, Math.Min(restarts, 20));
            restarts++;
            _system.Metrics.Restarted(_tag);
            _system.Restarting(Kind, Name, failure);
            try
            {
                await Task.Delay(wait < _options.MaxBackoff ? wait : _options.MaxBackoff, _system.Time, _hurry.Token);
            }
            catch (OperationCanceledException)
            {
                return failure;
            }
        }
    }

    private async Task<Exception?> RunInstanceAsync()
    {
        IActor<TMessage>? actor = null;
        Exception? failure = null;
        try
        {
            actor = _factory(this);
            await actor.StartAsync(_hurry.Token);
            while (await WaitAsync())
            {
                while (!_hurry.IsCancellationRequested && TryTake(out var message))
                {
                    await HandleAsync(actor, message);
                }
            }
        }
        catch (Exception exception)
        {
            failure = exception is OperationCanceledException && _hurry.IsCancellationRequested ? null : exception;
        }

        if (actor is not null)
        {
            await actor.StopAsync(failure);
        }

        return failure;
    }

    private async ValueTask HandleAsync(IActor<TMessage> actor, TMessage message)
    {
        try
        {
            await actor.ReceiveAsync(message, _hurry.Token);
            _system.Metrics.Handled(_tag);
        }
        catch (Exception exception)
        {
            (message as IFailableMessage)?.Fail(exception);
            throw;
        }
    }

    private bool TryTake(out TMessage message)
    {
        // In this order: what a sender tells after an urgent message is not seen without that one.
        var hasMail = _mailbox.Reader.TryPeek(out _);
        if (!_urgent.Reader.TryRead(out message!) && !(hasMail && _mailbox.Reader.TryRead(out message!)))
        {
            return false;
        }

        _system.Metrics.Waiting(-1, _tag);
        return true;
    }

    /// <summary>Waits for a message; false when the mailbox has been closed and is empty, or a stop ran out of time.</summary>
    private async ValueTask<bool> WaitAsync()
    {
        if (_hurry.IsCancellationRequested)
        {
            return false;
        }

        if (_urgent.Reader.TryPeek(out _) || _mailbox.Reader.TryPeek(out _))
        {
            return true;
        }

        // The wait that loses is cancelled, so that waits do not pile up.
        using var done = CancellationTokenSource.CreateLinkedTokenSource(_hurry.Token);
        var urgent = _urgent.Reader.WaitToReadAsync(done.Token).AsTask();
        var mail = _mailbox.Reader.WaitToReadAsync(done.Token).AsTask();
        var first = await Task.WhenAny(urgent, mail);
        await done.CancelAsync();
        return await first || _urgent.Reader.TryPeek(out _);
    }
}
