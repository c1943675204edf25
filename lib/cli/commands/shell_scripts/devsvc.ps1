# Completion of devsvc in PowerShell 5.1 and later:
#   devsvc completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName 'devsvc', 'devsvc.exe' -ScriptBlock {
  param($typed, $ast, $cursor)
  $before = @($ast.CommandElements | Select-Object -Skip 1 |
      Where-Object { $_.Extent.EndOffset -lt $cursor } |
      ForEach-Object { $_.Extent.Text })
  $encoding = [Console]::OutputEncoding
  try {
    # devsvc writes UTF-8 whatever the code page of the console is.
    [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding
    $lines = @(& devsvc __complete "=$typed" @before 2>$null)
  } catch {
    $lines = @()
  } finally {
    [Console]::OutputEncoding = $encoding
  }
  foreach ($line in $lines) {
    # Without an answer PowerShell completes the names of files by itself.
    if ($line -eq ':files') { return }
    $value, $about = $line -split "`t", 2
    if (-not $about) { $about = $value }
    New-Object System.Management.Automation.CompletionResult $value, $value, 'ParameterValue', $about
  }
}
