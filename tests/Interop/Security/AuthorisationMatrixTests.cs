using System.Net;
using System.Text.Json;
using Deucalion.Testing.Processes;
using Deucalion.Testing.RemoteWrite;
using Xunit;

namespace Deucalion.Interop.Security;

/// <summary>Every route of a node that is also a member of a cluster, with every kind of credentials.</summary>
public sealed class AuthorisationMatrixTests
{
    // Stands in everything that team-b stores, and in nothing else.
    private const string OfTeamB = "bravo_only";

    private const string Operator = "Bearer secret-all-everything";
    private static readonly string[] AnyMethods = ["GET", "POST"];

    [Fact]
    [Trait("Category", "slow")]
    public async Task AnswersEachRoute_OnlyToThoseWhoHaveTheRightAndTheTenant()
    {
        using var directory = new TemporaryDirectory();
        var matrix = TestAccess.Matrix();
        using var node = await StartAsync(directory, matrix);
        await PushAsync(node, "Bearer secret-a-write", null, "alpha");
        await PushAsync(node, "Bearer secret-b-write", "team-b", OfTeamB);

        var routes = await RoutesAsync(node);
        Assert.True(routes.Count > 100, $"only {routes.Count} routes");
        var wrong = new List<string>();
        foreach (var (pattern, method) in routes)
        {
            if (ExpectedRoutes.Of(pattern) is not { } expected)
            {
                wrong.Add($"{pattern}: not in ExpectedRoutes");
                continue;
            }

            foreach (var access in matrix)
            {
                var answer = await node.SendAsync(method, PathOf(pattern), access.Header, "team-a");
                if (Disagreement(expected, access, answer, method) is { } disagreement)
                {
                    wrong.Add($"{method} {pattern} by {access.Name}: {disagreement}: {(int)answer.Status} {answer.Body}");
                }

                // Operators of the whole node see the names of all.
                if (!access.Has("team-b") && answer.Body.Contains(OfTeamB, StringComparison.Ordinal))
                {
                    wrong.Add($"{method} {pattern} by {access.Name} shows data of team-b");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(40)));
        await AssertNoSecretsAsync(node, matrix, directory);
    }

    [Fact]
    public async Task ChoosesTheTenantByHeader_AmongThoseOfTheToken()
    {
        using var directory = new TemporaryDirectory();
        using var node = await StartAsync(directory, TestAccess.Matrix());
        await PushAsync(node, "Bearer secret-a-write", null, "alpha");
        await PushAsync(node, "Bearer secret-b-write", "team-b", OfTeamB);

        const string Path = "/api/v1/label/__name__/values";
        Assert.Equal("[\"alpha\"]", await DataAsync(node, Path, "Bearer secret-a-read", null));
        Assert.Equal($"[\"{OfTeamB}\"]", await DataAsync(node, Path, "Bearer secret-b-read", null));
        Assert.Equal("[\"alpha\"]", await DataAsync(node, Path, "Bearer secret-both-read", "team-a"));
        Assert.Equal($"[\"{OfTeamB}\"]", await DataAsync(node, Path, "Bearer secret-both-read", "team-b"));
        Assert.Equal($"[\"{OfTeamB}\"]", await DataAsync(node, Path, "Bearer secret-all-read", "team-b"));
        Assert.Equal("[]", await DataAsync(node, Path, "Bearer secret-all-read", null));

        var unnamed = await node.GetAsync(Path, "Bearer secret-both-read");
        Assert.Equal(HttpStatusCode.BadRequest, unnamed.Status);
        Assert.Contains("X-Scope-OrgID has to name one", unnamed.Body, StringComparison.Ordinal);

        // Neither several tenants in one header nor several headers get further than each of them would.
        foreach (var named in new[] { "team-a|team-b", "team-a,team-b", "../team-b", "*" })
        {
            foreach (var token in new[] { "secret-a-read", "secret-both-read" })
            {
                var answer = await node.GetAsync(Path, "Bearer " + token, named);
                Assert.True(answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden, $"{named}: {answer.Status} {answer.Body}");
                Assert.DoesNotContain(OfTeamB, answer.Body, StringComparison.Ordinal);
            }
        }

        var foreign = await node.GetAsync(Path, "Bearer secret-a-read", "team-b");
        Assert.Equal(HttpStatusCode.Forbidden, foreign.Status);
        Assert.Equal("{\"status\":\"error\",\"errorType\":\"forbidden\",\"error\":\"the right read for the tenant team-b is needed\"}", foreign.Body);
        await Assert.ThrowsAsync<InvalidOperationException>(() => PushAsync(node, "Bearer secret-a-write", "team-b", "alpha"));
        Assert.Equal($"[\"{OfTeamB}\"]", await DataAsync(node, Path, "Bearer secret-b-read", null));
    }

    [Fact]
    public async Task TakesOverChangedCredentials_AndKeepsThoseOfBeforeWhereTheFileIsBroken()
    {
        using var directory = new TemporaryDirectory();
        using var node = await StartAsync(directory, TestAccess.Matrix());
        var file = directory.Child("access.yml");
        await File.WriteAllTextAsync(file, "tokens:\n  - name: x\n    hash: secret-all-everything\n");
        var refused = await node.SendAsync("POST", "/-/reload", Operator);
        Assert.Equal(HttpStatusCode.InternalServerError, refused.Status);
        Assert.Contains("access.yml:3: bad value of key \"tokens[0].hash\"", refused.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-all", refused.Body, StringComparison.Ordinal);
        var metrics = await node.GetAsync("/metrics", Operator);
        Assert.Contains("deucalion_auth_file_usable 0\n", metrics.Body, StringComparison.Ordinal);

        // By itself, by a signal, and by the reload path.
        await File.WriteAllTextAsync(file, TestAccess.File([TestAccess.Token("first", ["*"], TestAccess.AllRights)]));
        await Eventually.TrueAsync(async () => (await node.GetAsync("/config", "Bearer secret-first")).Status == HttpStatusCode.OK, TimeSpan.FromSeconds(30), () => node.Output);
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.GetAsync("/config", Operator)).Status);
        await File.WriteAllTextAsync(file, TestAccess.File([TestAccess.Token("second", ["*"], TestAccess.AllRights)]));
        node.Signal(1);
        await Eventually.TrueAsync(async () => (await node.GetAsync("/config", "Bearer secret-second")).Status == HttpStatusCode.OK, TimeSpan.FromSeconds(30), () => node.Output);
        await File.WriteAllTextAsync(file, TestAccess.File([TestAccess.Token("third", ["*"], TestAccess.AllRights)]));
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("POST", "/-/reload", "Bearer secret-second")).Status);
        Assert.Equal(HttpStatusCode.OK, (await node.GetAsync("/config", "Bearer secret-third")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.GetAsync("/config", "Bearer secret-second")).Status);
    }

    private static Task<SecuredNode> StartAsync(TemporaryDirectory directory, IReadOnlyList<TestAccess> matrix)
    {
        File.WriteAllText(directory.Child("access.yml"), TestAccess.File(matrix));
        return SecuredNode.StartAsync(directory, $"""
            auth:
              file: {directory.Child("access.yml")}
            cluster:
              listen: 127.0.0.1:{Ports.Free()}
              replication_factor: 1
            telemetry:
              self_scrape: false
            log:
              level: debug
            bucket:
              s3:
                access_key: visible
                secret_key: secret-of-s3
            coordination:
              etcd:
                password: secret-of-etcd
            """);
    }

    private static string? Disagreement((string Scope, string[] Rights) expected, TestAccess access, SecuredNode.Answer answer, string method)
    {
        if (expected.Scope == ExpectedRoutes.Open)
        {
            return answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? "should be open" : null;
        }

        if (!access.IsValid)
        {
            return answer.Status != HttpStatusCode.Unauthorized ? "should be 401"
                : answer.Headers.WwwAuthenticate.ToString().Contains("Bearer realm=", StringComparison.Ordinal) ? Shape(answer, "unauthorized", "credentials are missing, wrong or expired") : "has no WWW-Authenticate";
        }

        if (!access.Rights.Intersect(expected.Rights).Any())
        {
            return answer.Status == HttpStatusCode.Forbidden ? Shape(answer, "forbidden", string.Join(" or ", expected.Rights)) : "should be 403 for the right";
        }

        if (expected.Scope == ExpectedRoutes.Node ? access.Tenants is not ["*"] : !access.Has("team-a"))
        {
            return answer.Status == HttpStatusCode.Forbidden ? Shape(answer, "forbidden", string.Join(" or ", expected.Rights)) : "should be 403 for the tenant";
        }

        return answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? $"should be allowed to {method}" : null;
    }

    private static string? Shape(SecuredNode.Answer answer, string type, string contained)
    {
        using var json = JsonDocument.Parse(answer.Body);
        return json.RootElement.GetProperty("status").GetString() == "error" && json.RootElement.GetProperty("errorType").GetString() == type
            && json.RootElement.GetProperty("error").GetString()!.Contains(contained, StringComparison.Ordinal) ? null : $"is not shaped as {type} with {contained}";
    }

    private static async Task<List<(string Pattern, string Method)>> RoutesAsync(SecuredNode node)
    {
        using var json = JsonDocument.Parse((await node.GetAsync("/debug/routes", Operator)).Body);
        var routes = new List<(string Pattern, string Method)>();
        foreach (var route in json.RootElement.EnumerateArray())
        {
            var pattern = route.GetProperty("route").GetString()!;
            Assert.True(route.GetProperty("declared").GetBoolean(), $"{pattern} is not in the table of rights");
            var methods = route.GetProperty("methods").EnumerateArray().Select(static m => m.GetString()!).Where(static m => m != "HEAD").ToArray();
            routes.AddRange((methods.Length == 0 ? AnyMethods : methods).Select(m => (pattern, m)));
        }

        return routes;
    }

    // A recording would take its time: what is not allowed comes first.
    private static string PathOf(string pattern) =>
        pattern.Replace("{name}", "__name__", StringComparison.Ordinal).Replace("{**rest}", "nothing", StringComparison.Ordinal) + "?seconds=0&query=%7B__name__!%3D%22%22%7D&match[]=%7B__name__!%3D%22%22%7D";

    private static async Task PushAsync(SecuredNode node, string authorization, string? tenant, string name)
    {
        var request = new WriteRequestEncoder().Series([("__name__", name), (name + "_label", name + "_value")], [(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), 1)]);
        using var content = new ByteArrayContent(request.ToSnappy());
        content.Headers.ContentType = new("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        var answer = await node.SendAsync("POST", "/api/v1/push", authorization, tenant, content);
        if (answer.Status != HttpStatusCode.NoContent)
        {
            throw new InvalidOperationException($"the push was answered {answer.Status}: {answer.Body}");
        }
    }

    private static async Task<string> DataAsync(SecuredNode node, string path, string authorization, string? tenant)
    {
        var answer = await node.GetAsync(path, authorization, tenant);
        Assert.True(answer.Status == HttpStatusCode.OK, $"{answer.Status} {answer.Body}");
        using var json = JsonDocument.Parse(answer.Body);
        return json.RootElement.GetProperty("data").GetRawText();
    }

    private static async Task AssertNoSecretsAsync(SecuredNode node, IReadOnlyList<TestAccess> matrix, TemporaryDirectory directory)
    {
        var secrets = matrix.Where(static a => a.Header?.StartsWith("Bearer", StringComparison.Ordinal) == true).Select(static a => a.Header!["Bearer ".Length..])
            .SelectMany(static s => new[] { s, SecuredNode.Hash(s)["sha256:".Length..] }).Append("secret-of-s3").Append("secret-of-etcd").ToList();
        var texts = new Dictionary<string, string> { ["the log"] = node.Output };
        foreach (var path in new[] { "/config", "/metrics", "/api/v1/status/config", "/api/v1/status/flags", "/api/v1/status/runtimeinfo", "/debug/logs", "/debug/runtime", "/debug/routes", "/api/v1/cluster/nodes" })
        {
            var answer = await node.GetAsync(path, Operator);
            Assert.True(answer.Status == HttpStatusCode.OK && answer.Body.Length > 100, $"{path}: {answer.Status} {answer.Body}");
            texts[path] = answer.Body;
        }

        // The same files in a bundle, and what the program prints while it makes one.
        texts["the bundle"] = await BundleRun.TextAsync(node, directory, "secret-all-everything");
        Assert.Contains("secret_key: <secret>", texts["/config"], StringComparison.Ordinal);
        Assert.Contains("password: <secret>", texts["the bundle"], StringComparison.Ordinal);
        Assert.Contains("deucalion_auth_requests_total{result=\"forbidden\"}", texts["the bundle"], StringComparison.Ordinal);
        Assert.Contains("component=", texts["/debug/logs"], StringComparison.Ordinal);
        foreach (var (place, text) in texts)
        {
            Assert.All(secrets, secret => Assert.False(text.Contains(secret, StringComparison.OrdinalIgnoreCase), $"{place} shows {secret}"));
        }
    }
}
