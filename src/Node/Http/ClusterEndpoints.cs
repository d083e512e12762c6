using System.Text.Json;
using System.Text.Json.Nodes;
using Deucalion.Common.Wire;
using Deucalion.Ingester.Partitions;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Placement;

namespace Deucalion.Node.Http;

/// <summary>
/// The cluster over HTTP: <c>GET /api/v1/cluster/status|nodes|partitions</c>, <c>POST /api/v1/cluster/drain|undrain|move|set|force-elect</c>. Answers have the
/// shape of Prometheus's API, also those to what is neither.
/// </summary>
internal static class ClusterEndpoints
{
    private const string Base = "/api/v1/cluster";

    private static readonly string[] Views = ["status", "nodes", "partitions"];
    private static readonly string[] Commands = ["drain", "undrain", "move", "set", "force-elect"];

    // The page lies below /prometheus too and asks beside itself; commands are in one place only.
    private static readonly string[] Prefixes = ["", "/prometheus"];

    /// <summary>Maps the endpoints.</summary>
    /// <param name="endpoints">Where to.</param>
    /// <param name="commands">The cluster.</param>
    /// <param name="replicas">What this node itself has of its partitions, with digests of their heads or without.</param>
    public static void MapCluster(this IEndpointRouteBuilder endpoints, ClusterCommands commands, Func<bool, CancellationToken, Task<IReadOnlyList<ReplicaDescription>>> replicas)
    {
        Get(endpoints, "status", async context => (await commands.SnapshotAsync(context.RequestAborted)).Status);
        Get(endpoints, "nodes", async context => (await commands.SnapshotAsync(context.RequestAborted)).Nodes);
        Get(endpoints, "partitions", async context =>
        {
            var withDigests = context.Request.Query.TryGetValue("digest", out var digest) && CommandForm.ParseFlag("digest", digest.ToString());
            var here = (await replicas(withDigests, context.RequestAborted)).ToDictionary(static r => r.Partition.Value);
            var partitions = (await commands.SnapshotAsync(context.RequestAborted)).Partitions;
            return partitions.Select(p => WithReplica(p, here.GetValueOrDefault(p.Partition)));
        });
        Post(endpoints, "drain", ["node"], async (form, cancelled) =>
        {
            var answer = await commands.DrainAsync(form.Text("node"), cancelled);
            return new { text = answer.Text, left = answer.Left };
        });
        Post(endpoints, "undrain", ["node"], async (form, cancelled) => Told(await commands.UndrainAsync(form.Text("node"), cancelled)));
        Post(endpoints, "move", ["partition", "from", "to"], async (form, cancelled) =>
            Told(await commands.MoveAsync(form.Partition(), form.Text("from"), form.Text("to"), cancelled)));
        Post(endpoints, "set", ["rf", "min_in_sync", "partition"], async (form, cancelled) =>
            Told(await commands.SetAsync(form.Has("partition") ? form.Partition() : null, Numbers(form), cancelled)));
        Post(endpoints, "force-elect", ["partition", "node", "accept_loss"], async (form, cancelled) =>
            await commands.ForceElectAsync(form.Partition(), form.Text("node"), form.Flag("accept_loss"), cancelled));
        foreach (var prefix in Prefixes)
        {
            endpoints.Map($"{prefix}{Base}/{{**rest}}", context => RefuseAsync(context, hasCommands: prefix.Length == 0));
        }
    }

    /// <summary>Maps what a node that is not part of a cluster answers instead: 404, and what makes it a member.</summary>
    /// <param name="endpoints">Where to.</param>
    /// <param name="isConfigured">Whether a cluster is configured, so that it is its roles that keep it out.</param>
    public static void MapNoCluster(this IEndpointRouteBuilder endpoints, bool isConfigured)
    {
        var reason = isConfigured
            ? "this node is not part of its cluster: only nodes with the role ingester are members (key roles)"
            : "this node is not part of a cluster, it runs alone: the key cluster.listen makes it a member (docs/cluster.md)";
        foreach (var prefix in Prefixes)
        {
            endpoints.Map($"{prefix}{Base}/{{**rest}}", context => ApiAnswer.FailAsync(context, StatusCodes.Status404NotFound, "not_found", reason));
        }
    }

    private static void Get<T>(IEndpointRouteBuilder endpoints, string name, Func<HttpContext, Task<T>> question)
    {
        foreach (var prefix in Prefixes)
        {
            endpoints.MapGet($"{prefix}{Base}/{name}", context => AnswerAsync(context, question));
        }
    }

    private static void Post<T>(IEndpointRouteBuilder endpoints, string name, string[] parameters, Func<CommandForm, CancellationToken, Task<T>> command) =>
        endpoints.MapPost($"{Base}/{name}", context =>
            AnswerAsync(context, async asked => await command(await CommandForm.ReadAsync(asked.Request, parameters), asked.RequestAborted)));

    private static async Task AnswerAsync<T>(HttpContext context, Func<HttpContext, Task<T>> answer)
    {
        try
        {
            await ApiAnswer.SucceedAsync(context, await answer(context));
        }
        catch (FormatException exception)
        {
            await ApiAnswer.FailAsync(context, StatusCodes.Status400BadRequest, "bad_data", exception.Message);
        }
        catch (WireException exception)
        {
            var (status, type) = exception.Status switch
            {
                WireStatus.InvalidArgument => (StatusCodes.Status400BadRequest, "bad_data"),
                WireStatus.NotFound => (StatusCodes.Status404NotFound, "not_found"),
                WireStatus.FailedPrecondition or WireStatus.Aborted => (StatusCodes.Status409Conflict, "conflict"),
                _ => (StatusCodes.Status503ServiceUnavailable, "unavailable"),
            };
            await ApiAnswer.FailAsync(context, status, type, exception.Message);
        }
    }

    /// <summary>What is below the path of the cluster and is neither a view nor a command, or was asked for by another method.</summary>
    private static Task RefuseAsync(HttpContext context, bool hasCommands)
    {
        var name = context.Request.RouteValues["rest"] as string ?? string.Empty;
        var isView = Views.Contains(name, StringComparer.OrdinalIgnoreCase);
        if (isView || (hasCommands && Commands.Contains(name, StringComparer.OrdinalIgnoreCase)))
        {
            var method = isView ? HttpMethods.Get : HttpMethods.Post;
            context.Response.Headers.Allow = method;
            return ApiAnswer.FailAsync(context, StatusCodes.Status405MethodNotAllowed, "bad_data", $"{name} of the cluster takes {method}, not {context.Request.Method}");
        }

        var known = $"GET {Base}/ with {string.Join(", ", Views)}, POST {Base}/ with {string.Join(", ", Commands)}";
        return ApiAnswer.FailAsync(context, StatusCodes.Status404NotFound, "not_found", $"there is nothing under {context.Request.Path}: {known}");
    }

    private static ReplicaNumbers Numbers(CommandForm form)
    {
        var factor = form.Number("rf");
        if (!form.Has("min_in_sync"))
        {
            return ReplicaNumbers.AreValid(factor, 1) ? ReplicaNumbers.WithMajority(factor) : throw new FormatException($"rf is from 1 to {ReplicaNumbers.Most}");
        }

        var least = form.Number("min_in_sync");
        return ReplicaNumbers.AreValid(factor, least)
            ? new ReplicaNumbers(factor, least)
            : throw new FormatException($"min_in_sync is from 1 to rf, and rf at most {ReplicaNumbers.Most}");
    }

    private static object Told(CommandAnswer answer) => new { text = answer.Text };

    private static JsonObject WithReplica(PartitionStatus status, ReplicaDescription? replica)
    {
        var json = JsonSerializer.SerializeToNode(status)!.AsObject();
        json["replica"] = JsonSerializer.SerializeToNode(replica);
        return json;
    }
}
